/** The console's interface: what the make targets do, for this page. It is this page's own origin. */

import { Refusal } from "../refusal";

const BASE = "/_matinee/console";
/** No page of another origin can send it unasked. */
const OWN = { "x-matinee-console": "1" };

export interface Contract {
  type: string;
  service: string;
  source: string;
  version: string;
  meaning: string;
  schema: object;
  example: BusEvent | null;
}

export interface About {
  name: string;
  readOnly: boolean;
  listens: boolean;
  events: Contract[];
}

export interface BusEvent {
  "detail-type": string;
  source: string;
  "replay-name"?: string;
  detail: {
    metadata: {
      event_id: string;
      occurred_at: string;
      correlation_id: string;
      causation_id?: string;
    };
    data: Record<string, unknown>;
  };
}

/** An event with what its contract says of it. */
export interface Judged {
  event: BusEvent;
  known: boolean;
  violations: string[];
}

/** Times are milliseconds since 1970. */
export interface Happening {
  correlation_id: string;
  label: string;
  began: number;
  ended: number;
  services: string[];
  functions: string[];
  failed: boolean;
}

export interface LogLine {
  level: string;
  message: string;
  [name: string]: unknown;
}

export interface Invocation {
  service: string;
  function: string;
  request_id: string;
  began: number;
  ended: number;
  cold_start: boolean;
  lines: LogLine[];
}

export interface QueueCount {
  name: string;
  waiting: number;
  at_work: number;
  dead_letters: boolean;
}

export interface DeadLetter {
  id: string;
  sent_at: string;
  reason: string;
  body: string;
}

export interface Finding {
  what: string;
  said: string;
  good: boolean | null;
}

export interface Reason {
  field: string;
  asked: unknown[];
  accepted: boolean;
  found: unknown;
  is_there: boolean;
}

export interface Explanation {
  rule: string;
  /** null: the pattern compares in a way that the console does not know. */
  takes: boolean | null;
  reasons: Reason[];
  targets: string[];
  pattern: object;
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(`${BASE}${path}`, init);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(body.code ?? "Unknown", body.detail ?? "", answer.status);
  return body;
}

const command = <T>(path: string, body: object = {}) =>
  ask<T>(path, {
    method: "POST",
    headers: { ...OWN, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
const items = async <T>(path: string) => (await ask<{ items: T[] }>(path)).items;
const queue = (name: string) => `/queues/${encodeURIComponent(name)}`;

export const read = {
  about: () => ask<About>("/about"),
  happenings: (minutes: number, label: string) =>
    items<Happening>(`/requests?${new URLSearchParams({ minutes: String(minutes), label })}`),
  trace: (id: string, minutes: number) =>
    items<Invocation>(`/traces/${encodeURIComponent(id)}?minutes=${minutes}`),
  queues: () => items<QueueCount>("/queues"),
  status: () => items<Finding>("/status"),
  letters: (name: string) => items<DeadLetter>(`${queue(name)}/letters`),
  rules: () => items<string>("/rules"),
  explain: async (event: object) =>
    (await command<{ items: Explanation[] }>("/rules/explain", event)).items,
};

interface Done {
  done: string;
}

export const change = {
  redrive: (name: string) => command<Done>(`${queue(name)}/redrive`),
  discard: (name: string, message: string) => command<Done>(`${queue(name)}/discard`, { message }),
  replay: (rule: string, minutes: number) => command<Done>("/replays", { rule, minutes }),
  send: (type: string, data: object) => command<{ metadata: object }>("/samples", { type, data }),
};

export interface Filter {
  type: string;
  source: string;
  correlation: string;
}

/** Hear what passes over the bus from now on; the browser connects again by itself. */
export function listen(
  filter: Filter,
  hear: (event: Judged) => void,
  status: (listening: boolean) => void,
): () => void {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  const source = new EventSource(`${BASE}/events?${query}`);
  source.addEventListener("listening", () => status(true));
  source.addEventListener("error", () => status(false));
  source.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  return () => source.close();
}
