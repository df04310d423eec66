/** A sentence that appears for a while, and that a screen reader says. */

import { signal } from "@preact/signals";
import { t } from "../language";
import { unreachable } from "../refusal";

const SECONDS = 5;
const said = signal("");
let timer: ReturnType<typeof setTimeout>;

export function say(sentence: string): void {
  said.value = sentence;
  clearTimeout(timer);
  timer = setTimeout(() => {
    said.value = "";
  }, SECONDS * 1000);
}

/** Do something that has no place of its own for a refusal. */
export async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const refusal = unreachable(error);
    say(refusal.code === "Unreachable" ? t("unreachable") : refusal.message);
  }
}

export const Toast = () => (
  <div class="toast" role="status" hidden={!said.value}>
    {said.value}
  </div>
);
