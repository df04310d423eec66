/** Queues and what nobody could handle: looked at, tried again, or thrown away. */

import { useSignal } from "@preact/signals";
import { Choice, Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { attempt, say } from "../ui/toast";
import { change, read, type DeadLetter, type QueueCount } from "./api";
import { clock, t } from "./language";
import { Mark, Text } from "./parts";

/** A message as it is read: JSON laid out, and anything else as it is. */
export function laidOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Letter({ of, discard }: { of: DeadLetter; discard: () => void }) {
  return (
    <li>
      <p>
        <time>{clock(of.sent_at)}</time> <strong>{of.reason}</strong>
      </p>
      <Text label={t("message")} value={laidOut(of.body)} />
      <button type="button" class="danger" onClick={discard}>
        {t("discard")}
      </button>
    </li>
  );
}

function Letters(props: { queue: string; counted: unknown; changed: () => void }) {
  const { queue, counted, changed } = props;
  const found = useLoad(() => read.letters(queue), [queue, counted]);
  const act = (action: () => Promise<{ done: string }>) =>
    attempt(async () => {
      say((await action()).done);
      changed(); // and with it the letters
    });
  return (
    <section aria-label={queue}>
      <h2>{queue}</h2>
      <Show of={found}>
        {(letters) => (
          <>
            <button
              type="button"
              disabled={!letters.length}
              onClick={() => act(() => change.redrive(queue))}
            >
              {t("redrive")}
            </button>
            {letters.length ? (
              <ul class="rows">
                {letters.map((letter) => (
                  <Letter
                    key={letter.id}
                    of={letter}
                    discard={() => act(() => change.discard(queue, letter.id))}
                  />
                ))}
              </ul>
            ) : (
              <p role="status">{t("noLetters")}</p>
            )}
          </>
        )}
      </Show>
    </section>
  );
}

function Table({
  queues,
  open,
  chosen,
}: {
  queues: QueueCount[];
  open: (name: string) => void;
  chosen: string;
}) {
  const order = (one: QueueCount) =>
    one.dead_letters && one.waiting ? 0 : one.dead_letters ? 2 : 1;
  const sorted = [...queues].sort((a, b) => order(a) - order(b));
  return (
    <table>
      <caption>{t("queues")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("queue")}</th>
          <th scope="col">{t("waiting")}</th>
          <th scope="col">{t("atWork")}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((queue) => (
          <tr key={queue.name}>
            <th scope="row">
              {queue.dead_letters ? (
                <button
                  type="button"
                  class="link"
                  aria-pressed={chosen === queue.name}
                  onClick={() => open(queue.name)}
                >
                  {queue.name}
                </button>
              ) : (
                queue.name
              )}
            </th>
            <td>
              <Mark good={queue.dead_letters ? !queue.waiting : null}>{queue.waiting}</Mark>
            </td>
            <td>{queue.at_work}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Replay() {
  const rules = useLoad(() => read.rules(), []);
  const send = async (values: FormData) =>
    say((await change.replay(String(values.get("rule")), Number(values.get("minutes")))).done);
  return (
    <section>
      <h2>{t("replay")}</h2>
      <p class="quiet">{t("replayHint")}</p>
      <Show of={rules}>
        {(names) => (
          <Form label={t("replay")} send={send} action={t("replaySend")}>
            <Choice label={t("rule")} name="rule">
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Choice>
            <Field
              label={t("minutesBack")}
              name="minutes"
              type="number"
              min={1}
              max={1440}
              defaultValue="15"
              required
            />
          </Form>
        )}
      </Show>
    </section>
  );
}

function Status() {
  const found = useLoad(() => read.status(), []);
  return (
    <section>
      <h2>{t("status")}</h2>
      <Show of={found}>
        {(findings) => (
          <ul class="rows">
            {findings
              .filter(({ what, good }) => good !== null && !what.endsWith("Dlq"))
              .map(({ what, said, good }) => (
                <li key={what + said}>
                  <Mark good={good}>{good ? t("good") : t("look")}</Mark> {what}: {said}
                </li>
              ))}
          </ul>
        )}
      </Show>
    </section>
  );
}

export function Queues() {
  const open = useSignal("");
  const queues = useLoad(() => read.queues(), []);
  return (
    <>
      <p>
        <button type="button" onClick={queues.again}>
          {t("again")}
        </button>
      </p>
      <div class="split">
        <Show of={queues}>
          {(found) => (
            <Table queues={found} chosen={open.value} open={(name) => (open.value = name)} />
          )}
        </Show>
        <div>
          {open.value && (
            <Letters
              key={open.value}
              queue={open.value}
              counted={queues.value}
              changed={queues.again}
            />
          )}
          <Replay />
          <Status />
        </div>
      </div>
    </>
  );
}
