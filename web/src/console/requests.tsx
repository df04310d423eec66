/** What happened lately, and the way of one correlation id over the services. */

import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { Choice, Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { read, type Happening, type Invocation, type LogLine } from "./api";
import { clock, milliseconds, t } from "./language";
import { heard } from "./live";
import { address, Mark } from "./parts";

const PERIODS = [5, 15, 60, 240];
const DAY_MINUTES = 1440;

export function Requests() {
  const minutes = useSignal(PERIODS[1]!);
  const label = useSignal("");
  const { route } = useLocation();
  const found = useLoad(
    () => read.happenings(minutes.value, label.value),
    [minutes.value, label.value],
  );
  return (
    <>
      <div class="filters">
        <Choice
          label={t("period")}
          value={minutes.value}
          onChange={(event) => (minutes.value = Number(event.currentTarget.value))}
        >
          {PERIODS.map((value) => (
            <option key={value} value={value}>
              {t("lastMinutes", { count: value })}
            </option>
          ))}
        </Choice>
        <Field
          label={t("labelled")}
          onChange={(event) => (label.value = event.currentTarget.value.trim())}
          autocomplete="off"
        />
        <Form
          label={t("correlationId")}
          action={t("show")}
          send={async (values) => route(address("requests", String(values.get("id")).trim()))}
        >
          <p class="field">
            <label for="correlation">{t("correlationId")}</label>
            <input id="correlation" name="id" required autocomplete="off" />
          </p>
        </Form>
        <button type="button" onClick={found.again}>
          {t("again")}
        </button>
      </div>
      <Show of={found}>
        {(happenings) =>
          happenings.length ? (
            <ul class="rows" aria-label={t("requests")}>
              {happenings.map((one) => (
                <Row key={one.correlation_id} of={one} />
              ))}
            </ul>
          ) : (
            <p role="status">{t("nothingHappened")}</p>
          )
        }
      </Show>
    </>
  );
}

const Row = ({ of }: { of: Happening }) => (
  <li class="request">
    <time>{clock(of.began)}</time>
    <a href={address("requests", of.correlation_id)}>{of.label}</a>
    <span class="quiet">{of.services.join(", ")}</span>
    <span>{milliseconds(of.ended - of.began)}</span>
    {of.failed && <Mark good={false}>{t("failed")}</Mark>}
  </li>
);

export interface Span {
  service: string;
  name: string;
  /** What it did, as its log has it. */
  did: string;
  /** In milliseconds after the first one. */
  after: number;
  took: number;
  /** Parts of the whole width. */
  left: number;
  width: number;
}

const SHORTEST = 0.004;

const deed = (line: LogLine) => String(line.route ?? line.field ?? line.event_type ?? line.message);

/** Where each invocation is drawn: the first begins at the left, the last ends at the right. */
export function spans(invocations: Invocation[]): Span[] {
  const began = Math.min(...invocations.map((one) => one.began));
  const whole = Math.max(1, ...invocations.map((one) => one.ended - began));
  return invocations.map((one) => ({
    service: one.service,
    name: one.function,
    did: [...new Set(one.lines.map(deed))].join(", "),
    after: one.began - began,
    took: one.ended - one.began,
    left: (one.began - began) / whole,
    width: Math.max(SHORTEST, (one.ended - one.began) / whole),
  }));
}

export function Trace({ id }: { id: string }) {
  const found = useLoad(() => read.trace(id, DAY_MINUTES), [id]);
  return (
    <>
      <p class="actions">
        <a href={address("requests")}>{t("requests")}</a>
        <button type="button" onClick={found.again}>
          {t("again")}
        </button>
      </p>
      <p class="id">
        {t("correlationId")}: <code>{id}</code>
      </p>
      <Show of={found}>
        {(invocations) =>
          invocations.length ? (
            <Waterfall invocations={invocations} id={id} />
          ) : (
            <p role="status">{t("noTrace")}</p>
          )
        }
      </Show>
    </>
  );
}

function Waterfall({ invocations, id }: { invocations: Invocation[]; id: string }) {
  const drawn = spans(invocations);
  const services = [...new Set(drawn.map(({ service }) => service))];
  const whole = Math.max(...drawn.map(({ after, took }) => after + took));
  const events = heard.value.filter(({ event }) => event.detail.metadata.correlation_id === id);
  return (
    <>
      <p role="status">
        {t("summary", {
          services: services.join(", "),
          count: drawn.length,
          time: milliseconds(whole),
        })}
      </p>
      <ol class="waterfall" aria-label={t("waterfall")}>
        {drawn.map((span, index) => (
          <li key={invocations[index]!.request_id}>
            <span>
              {span.name} <small class="quiet service">{span.service}</small>
              <br />
              <small>{span.did}</small>
              {invocations[index]!.cold_start && <small class="quiet"> · {t("coldStart")}</small>}
            </span>
            <span class="track" aria-hidden="true">
              <i
                class={`span ${span.service}`}
                style={{ left: `${span.left * 100}%`, width: `${span.width * 100}%` }}
              />
            </span>
            <span class="quiet">
              {t("latency", { after: milliseconds(span.after), took: milliseconds(span.took) })}
            </span>
          </li>
        ))}
      </ol>
      {events.length > 0 && (
        <>
          <h2>{t("events")}</h2>
          <ul class="rows">
            {[...events].reverse().map(({ event }) => (
              <li key={event.detail.metadata.event_id} class="request">
                <time>{clock(event.detail.metadata.occurred_at)}</time>
                <strong>{event["detail-type"]}</strong>
                <span class="quiet">{event.source}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>{t("logs")}</h2>
      {invocations.map((one) => (
        <details key={one.request_id} class="log">
          <summary>
            {clock(one.began)} {one.function}: {one.lines.map((line) => line.message).join(", ")}
          </summary>
          <pre tabIndex={0} role="region" aria-label={`${t("logs")}: ${one.function}`}>
            {one.lines.map((line) => JSON.stringify(line, null, 1)).join("\n")}
          </pre>
        </details>
      ))}
    </>
  );
}
