/** Content that is fetched: it is shown when it is here, and says when it is not. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect } from "preact/hooks";
import { t } from "../language";
import { Refusal, unreachable } from "../refusal";

interface Loaded<T> {
  value: T | null;
  refusal: Refusal | null;
  again(): void;
}

/** Fetch when a dependency changes; the latest request wins. */
export function useLoad<T>(fetch: () => Promise<T>, dependencies: unknown[]): Loaded<T> {
  const state = useSignal<{ value: T | null; refusal: Refusal | null }>({
    value: null,
    refusal: null,
  });
  const turn = useSignal(0);
  const again = useCallback(() => {
    turn.value += 1;
  }, []);
  const round = turn.value;
  useEffect(() => {
    let current = true;
    state.value = { value: state.peek().value, refusal: null };
    fetch().then(
      (value) => current && (state.value = { value, refusal: null }),
      (error) => current && (state.value = { value: null, refusal: unreachable(error) }),
    );
    return () => {
      current = false;
    };
  }, [...dependencies, round]);
  return { ...state.value, again };
}

export function Show<T>({ of, children }: { of: Loaded<T>; children: (value: T) => JSX.Element }) {
  if (of.refusal) return <Failure refusal={of.refusal} again={of.again} />;
  if (of.value === null)
    return (
      <p class="quiet" role="status">
        {t("loading")}
      </p>
    );
  return children(of.value);
}

export function Failure({ refusal, again }: { refusal: Refusal; again?: () => void }) {
  return (
    <div class="notice" role="alert">
      <p>{refusal.code === "Unreachable" ? t("unreachable") : refusal.message || refusal.code}</p>
      {again && (
        <button type="button" onClick={again}>
          {t("tryAgain")}
        </button>
      )}
    </div>
  );
}

/** A form that is sent once at a time, and shows why it was refused, beside the field where it says which. */
export function Form(props: {
  label: string;
  send: (values: FormData) => Promise<void>;
  action: string;
  children: ComponentChildren;
}) {
  const refusal = useSignal<Refusal | null>(null);
  const sending = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (sending.value) return;
    sending.value = true;
    refusal.value = null;
    try {
      await props.send(new FormData(event.target as HTMLFormElement));
    } catch (error) {
      refusal.value = unreachable(error);
    } finally {
      sending.value = false;
    }
  };
  const fields = Object.entries(refusal.value?.fields ?? {});
  return (
    <form aria-label={props.label} onSubmit={submit}>
      {props.children}
      {refusal.value && (
        <div class="notice" role="alert">
          {fields.length ? (
            <ul>
              {fields.map(([name, reason]) => (
                <li key={name}>
                  {name}: {reason}
                </li>
              ))}
            </ul>
          ) : (
            <p>{refusal.value.code === "Unreachable" ? t("unreachable") : refusal.value.message}</p>
          )}
        </div>
      )}
      <button type="submit" class="main" aria-disabled={sending.value}>
        {props.action}
      </button>
    </form>
  );
}
