/** A new account, verified by a mailed code where the product asks for it. */

import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { t } from "../language";
import { places } from "../places";
import { Refusal } from "../refusal";
import { confirm, resendCode, signIn, signUp } from "../session";
import { CodeField, Field, NewPasswordField } from "../ui/fields";
import { Form } from "../ui/load";
import { attempt } from "../ui/toast";
import { onward } from "./sign-in";

export function SignUp() {
  const { query, route } = useLocation();
  const waiting = useSignal<{ email: string; password: string } | null>(null);
  const enter = async (email: string, password: string) => {
    await signIn(email, password);
    route(onward(query), true);
  };
  if (waiting.value) {
    const { email, password } = waiting.value;
    return (
      <main id="view" class="narrow">
        <h1>{t("verify")}</h1>
        <p>{t("codeSent", { email })}</p>
        <Form
          label={t("verify")}
          action={t("verify")}
          send={async (values) => {
            await confirm(email, String(values.get("code")));
            await enter(email, password);
          }}
        >
          <CodeField />
        </Form>
        <button type="button" class="link" onClick={() => attempt(() => resendCode(email))}>
          {t("resendCode")}
        </button>
      </main>
    );
  }
  return (
    <main id="view" class="narrow">
      <h1>{t("signUp")}</h1>
      <Form
        label={t("signUp")}
        action={t("signUp")}
        send={async (values) => {
          const [email, password] = [String(values.get("email")), String(values.get("password"))];
          await signUp(email, password, String(values.get("username")) || null);
          try {
            await enter(email, password);
          } catch (error) {
            // Where addresses are verified the account cannot sign in yet.
            if (!(error instanceof Refusal) || error.code !== "UserNotConfirmed") throw error;
            waiting.value = { email, password };
          }
        }}
      >
        <Field label={t("email")} name="email" type="email" autocomplete="email" required />
        <Field
          label={t("username")}
          name="username"
          autocomplete="nickname"
          hint={t("usernameHint")}
        />
        <NewPasswordField label={t("password")} />
      </Form>
      <p>
        <a href={`${places.signIn}${location.search}`}>{t("haveAccount")}</a>
      </p>
    </main>
  );
}
