/** A guest, who may stay: the same person with an account, and everything of theirs. */

import { useSignal } from "@preact/signals";
import { t } from "../language";
import { confirmUpgrade, signOut, upgrade } from "../session";
import { CodeField, Field, NewPasswordField } from "../ui/fields";
import { Form } from "../ui/load";
import { attempt } from "../ui/toast";

export function Guest() {
  const address = useSignal("");
  return (
    <main id="view" class="narrow">
      <h1>{t("youAreAGuest")}</h1>
      <p>{address.value ? t("codeSent", { email: address.value }) : t("guestMayStay")}</p>
      {address.value ? (
        <Form
          label={t("verify")}
          action={t("verify")}
          send={async (values) => void (await confirmUpgrade(String(values.get("code"))))}
        >
          <CodeField />
        </Form>
      ) : (
        <Form
          label={t("signUp")}
          action={t("signUp")}
          send={async (values) => {
            const email = String(values.get("email"));
            if (!(await upgrade(email, String(values.get("password"))))) address.value = email;
          }}
        >
          <Field label={t("email")} name="email" type="email" autocomplete="email" required />
          <NewPasswordField label={t("password")} />
        </Form>
      )}
      <p>
        <button type="button" class="link" onClick={() => attempt(signOut)}>
          {t("signOut")}
        </button>
      </p>
    </main>
  );
}
