/** The bus as it is used: each event with its payload, its schema and whether it keeps it. */

import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Choice, Field } from "../ui/fields";
import { Form } from "../ui/load";
import { say } from "../ui/toast";
import { change, listen, type About, type Filter, type Judged } from "./api";
import { clock, t } from "./language";
import { address, Mark, parsed, Text } from "./parts";

const KEPT = 200;

/** What was heard since the console was opened, the latest first; other views look into it. */
export const heard = signal<readonly Judged[]>([]);
/** The event that was chosen here, and that the rules are asked about. */
export const chosen = signal<Judged | null>(null);

const idOf = ({ event }: Judged) => event.detail.metadata.event_id;

export function hear(event: Judged): void {
  heard.value = [event, ...heard.value].slice(0, KEPT);
}

export const passes = (filter: Filter) => (one: Judged) =>
  (!filter.type || one.event["detail-type"] === filter.type) &&
  (!filter.source || one.event.source === filter.source) &&
  (!filter.correlation || one.event.detail.metadata.correlation_id === filter.correlation);

function Verdict({ of }: { of: Judged }) {
  if (!of.known) return <Mark good={null}>{t("noContract")}</Mark>;
  return of.violations.length ? (
    <Mark good={false}>{t("violations", { count: of.violations.length })}</Mark>
  ) : (
    <Mark good>{t("valid")}</Mark>
  );
}

function Detail({ of, about }: { of: Judged; about: About }) {
  const type = of.event["detail-type"];
  const contract = about.events.find((one) => one.type === type);
  const { correlation_id } = of.event.detail.metadata;
  return (
    <section aria-label={type}>
      <h2>{type}</h2>
      <p>{contract?.meaning}</p>
      <p class="actions">
        <Verdict of={of} />
        <a href={address("requests", correlation_id)}>{t("itsTrace")}</a>
        <a href={address("rules")}>{t("whichRules")}</a>
      </p>
      {of.violations.length > 0 && (
        <ul>
          {of.violations.map((violation) => (
            <li key={violation}>{violation}</li>
          ))}
        </ul>
      )}
      <div class="columns">
        <Text label={t("payload")} value={of.event} />
        {contract && (
          <Text label={t("schema", { version: contract.version })} value={contract.schema} />
        )}
      </div>
    </section>
  );
}

function Send({ about }: { about: About }) {
  const type = useSignal(about.events[0]!.type);
  const example = about.events.find((one) => one.type === type.value)?.example;
  const send = async (values: FormData) => {
    await change.send(type.value, parsed(String(values.get("data"))));
    say(t("sent", { type: type.value }));
  };
  return (
    <details>
      <summary>{t("sendSample")}</summary>
      <Form label={t("sendSample")} send={send} action={t("send")}>
        <Choice
          label={t("event")}
          value={type.value}
          onChange={(event) => (type.value = event.currentTarget.value)}
        >
          {about.events.map((one) => (
            <option key={one.type}>{one.type}</option>
          ))}
        </Choice>
        <p class="field">
          <label for="sample">{t("data")}</label>
          <textarea
            id="sample"
            name="data"
            rows={8}
            spellcheck={false}
            key={type.value}
            defaultValue={JSON.stringify(example?.detail.data ?? {}, null, 2)}
          />
        </p>
      </Form>
    </details>
  );
}

export function Live({ about }: { about: About }) {
  const filter = useSignal<Filter>({ type: "", source: "", correlation: "" });
  const listening = useSignal(false);
  useEffect(() => {
    if (!about.listens) return;
    listening.value = false;
    return listen(filter.value, hear, (is) => (listening.value = is));
  }, [filter.value]);
  const set = (name: keyof Filter) => (event: { currentTarget: { value: string } }) => {
    filter.value = { ...filter.value, [name]: event.currentTarget.value.trim() };
  };
  const sources = [...new Set(about.events.map(({ source }) => source))];
  const shown = heard.value.filter(passes(filter.value));
  return (
    <>
      <div class="filters">
        <Choice label={t("event")} value={filter.value.type} onChange={set("type")}>
          <option value="">{t("all")}</option>
          {about.events.map(({ type }) => (
            <option key={type}>{type}</option>
          ))}
        </Choice>
        <Choice label={t("source")} value={filter.value.source} onChange={set("source")}>
          <option value="">{t("all")}</option>
          {sources.map((source) => (
            <option key={source}>{source}</option>
          ))}
        </Choice>
        <Field
          label={t("correlationId")}
          value={filter.value.correlation}
          onChange={set("correlation")}
          autocomplete="off"
        />
      </div>
      <p role="status">
        {t(!about.listens ? "notListening" : listening.value ? "listening" : "connecting")}
      </p>
      <Send about={about} />
      <div class={chosen.value ? "split" : undefined}>
        <ul class="heard" aria-label={t("events")}>
          {shown.map((one) => (
            <li key={idOf(one)}>
              <button
                type="button"
                aria-pressed={chosen.value === one}
                onClick={() => (chosen.value = chosen.value === one ? null : one)}
              >
                <time>{clock(one.event.detail.metadata.occurred_at)}</time>
                <strong>{one.event["detail-type"]}</strong>
                <span class="quiet">{one.event.source}</span>
                {one.event["replay-name"] && <Mark good={null}>{t("replayed")}</Mark>}
                <Verdict of={one} />
              </button>
            </li>
          ))}
        </ul>
        {chosen.value && <Detail of={chosen.value} about={about} />}
      </div>
    </>
  );
}
