/** Fields of forms, each with its label. */

import { useId } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { t } from "../language";

export function Field({
  label,
  hint,
  ...input
}: { label: string; hint?: string } & JSX.InputHTMLAttributes) {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input id={id} aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
    </p>
  );
}

/** The code of a mail. */
export const CodeField = () => (
  <Field label={t("code")} name="code" inputMode="numeric" autocomplete="one-time-code" required />
);

/** A password that is being chosen, with what is asked of it. */
export const NewPasswordField = ({ label }: { label: string }) => (
  <Field
    label={label}
    name="password"
    type="password"
    autocomplete="new-password"
    hint={t("passwordRules")}
    required
  />
);

export function Choice({
  label,
  children,
  ...select
}: { label: string; children: ComponentChildren } & JSX.SelectHTMLAttributes) {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <select id={id} {...select}>
        {children}
      </select>
    </p>
  );
}

/** Several of a set, as buttons that are on or off. */
export function Chips<Value extends string | number>(props: {
  label: string;
  options: { value: Value; name: string }[];
  chosen: readonly Value[];
  change: (chosen: Value[]) => void;
}) {
  const toggle = (value: Value) =>
    props.change(
      props.chosen.includes(value)
        ? props.chosen.filter((one) => one !== value)
        : [...props.chosen, value],
    );
  return (
    <fieldset class="chips">
      <legend>{props.label}</legend>
      {props.options.map(({ value, name }) => (
        <button
          key={value}
          type="button"
          aria-pressed={props.chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** One of a few. */
export function Tabs<Value extends string>(props: {
  label: string;
  options: { value: Value; name: string }[];
  chosen: Value;
  change: (value: Value) => void;
}) {
  return (
    <div class="tabs" role="group" aria-label={props.label}>
      {props.options.map(({ value, name }) => (
        <button
          key={value}
          type="button"
          aria-pressed={props.chosen === value}
          onClick={() => props.change(value)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
