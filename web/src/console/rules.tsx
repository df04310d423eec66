/** Which rules take an event, which do not, and why. */

import { useSignal } from "@preact/signals";
import { Choice } from "../ui/fields";
import { Form } from "../ui/load";
import { read, type About, type Explanation, type Reason } from "./api";
import { t, type Word } from "./language";
import { chosen } from "./live";
import { Mark, parsed } from "./parts";

const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Why a field of an event fits a pattern, or why not, as a sentence. */
export function sentence(reason: Reason): string {
  const key: Word = !reason.is_there
    ? reason.accepted
      ? "absentFits"
      : "absentMissing"
    : reason.accepted
      ? "fits"
      : "fitsNot";
  const asked = reason.asked.map(shown).join(t("or"));
  return t(key, { field: reason.field, asked, found: shown(reason.found) });
}

const TAKES = { true: "takes", false: "takesNot", null: "notUnderstood" } as const;

const Rule = ({ of }: { of: Explanation }) => (
  <li>
    <p>
      <Mark good={of.takes}>{t(TAKES[`${of.takes}`])}</Mark> <strong>{of.rule}</strong>{" "}
      <span class="quiet">{of.targets.join(", ")}</span>
    </p>
    <ul>
      {of.reasons.map((reason) => (
        <li key={reason.field}>
          <Mark good={reason.accepted}>{reason.accepted ? "✓" : "✗"}</Mark> {sentence(reason)}
        </li>
      ))}
    </ul>
  </li>
);

export function Rules({ about }: { about: About }) {
  const first = chosen.value?.event["detail-type"] ?? about.events[0]!.type;
  const type = useSignal(first);
  const own = chosen.value?.event["detail-type"] === type.value ? chosen.value.event : null;
  const event = own ?? about.events.find((one) => one.type === type.value)?.example ?? {};
  const found = useSignal<Explanation[] | null>(null);
  const explain = async (values: FormData) => {
    found.value = await read.explain(parsed(String(values.get("event"))));
  };
  return (
    <>
      <Form label={t("whichRules")} send={explain} action={t("explain")}>
        <Choice
          label={t("event")}
          value={type.value}
          onChange={(change) => {
            type.value = change.currentTarget.value;
            found.value = null;
          }}
        >
          {about.events.map((one) => (
            <option key={one.type}>{one.type}</option>
          ))}
        </Choice>
        <p class="field">
          <label for="event">{t("payload")}</label>
          <textarea
            id="event"
            name="event"
            rows={10}
            spellcheck={false}
            key={type.value}
            defaultValue={JSON.stringify(event, null, 2)}
          />
        </p>
      </Form>
      {found.value && (
        <ul class="rows" aria-label={t("rules")}>
          {found.value.map((one) => (
            <Rule key={one.rule} of={one} />
          ))}
        </ul>
      )}
    </>
  );
}
