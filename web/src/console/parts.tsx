/** What the console's views share. */

import type { ComponentChildren } from "preact";
import { Refusal } from "../refusal";
import { places } from "../places";

export const VIEWS = ["live", "requests", "queues", "rules", "interfaces"] as const;
export type View = (typeof VIEWS)[number];

export const address = (view: View, id = "") =>
  `${places.consoleHome}/${view}${id && `/${encodeURIComponent(id)}`}`;

/** JSON, or another long text, in a region of its own that keyboards can scroll. */
export function Text({ label, value }: { label: string; value: unknown }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <figure class="text">
      <figcaption>{label}</figcaption>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </figure>
  );
}

export const Mark = ({ good, children }: { good: boolean | null; children: ComponentChildren }) => (
  <span class={good === null ? "mark quiet" : good ? "mark good" : "mark bad"}>{children}</span>
);

/** Read what was typed. Throws Refusal for what is no JSON. */
export function parsed(text: string): object {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal("InvalidInput", String(error));
  }
}
