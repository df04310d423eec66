/** The door. */

import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { config } from "../config";
import { t } from "../language";
import { places } from "../places";
import { forgotPassword, resetPassword, signIn } from "../session";
import { CodeField, Field, NewPasswordField } from "../ui/fields";
import { Form } from "../ui/load";

/** Where a visitor wanted to go; never a foreign address. */
export const onward = (query: Record<string, string>) =>
  query.next?.startsWith(places.home) ? query.next : places.home;

function Forgotten({ done }: { done: () => void }) {
  const email = useSignal("");
  if (!email.value)
    return (
      <Form
        label={t("forgotPassword")}
        action={t("sendCode")}
        send={async (values) => {
          const address = String(values.get("email"));
          await forgotPassword(address);
          email.value = address;
        }}
      >
        <Field label={t("email")} name="email" type="email" autocomplete="email" required />
      </Form>
    );
  return (
    <Form
      label={t("newPassword")}
      action={t("newPassword")}
      send={async (values) => {
        await resetPassword(
          email.value,
          String(values.get("code")),
          String(values.get("password")),
        );
        await signIn(email.value, String(values.get("password")));
        done();
      }}
    >
      <CodeField />
      <NewPasswordField label={t("newPassword")} />
    </Form>
  );
}

export function SignIn() {
  const { query, route } = useLocation();
  const forgotten = useSignal(false);
  const enter = () => route(onward(query), true);
  const demo = config.demoUser;
  return (
    <main id="view" class="narrow">
      <h1>{forgotten.value ? t("forgotPassword") : t("signIn")}</h1>
      {forgotten.value ? (
        <Forgotten done={enter} />
      ) : (
        <Form
          label={t("signIn")}
          action={t("signIn")}
          send={async (values) => {
            await signIn(String(values.get("email")), String(values.get("password")));
            enter();
          }}
        >
          <Field label={t("email")} name="email" type="email" autocomplete="username" required />
          <Field
            label={t("password")}
            name="password"
            type="password"
            autocomplete="current-password"
            required
          />
        </Form>
      )}
      <p>
        <button type="button" class="link" onClick={() => (forgotten.value = !forgotten.value)}>
          {forgotten.value ? t("signIn") : t("forgotPassword")}
        </button>
      </p>
      <p>
        <a href={`${places.signUp}${location.search}`}>{t("signUp")}</a>
      </p>
      {demo && (
        <p class="quiet">
          {t("demoUser")}{" "}
          <button
            type="button"
            class="link"
            onClick={async () => {
              await signIn(demo.email, demo.password);
              enter();
            }}
          >
            {demo.email}
          </button>
        </p>
      )}
    </main>
  );
}
