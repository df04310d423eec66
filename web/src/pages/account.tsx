/** One's name, devices and account. */

import { useSignal } from "@preact/signals";
import { content, rest } from "../api/rest";
import { choose, language, LANGUAGES, t, type Language } from "../language";
import { places } from "../places";
import { forgetHere } from "../push";
import { signOut } from "../session";
import { Notifications } from "./notifications";
import { Choice, Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { attempt, say } from "../ui/toast";

export const AVATARS = {
  fox: "🦊",
  panda: "🐼",
  owl: "🦉",
  frog: "🐸",
  octopus: "🐙",
  unicorn: "🦄",
} as const;

/** The picture of an avatar's name; the first letter of a name where the app has none. */
export const face = (avatar: string | null | undefined, name: string | null | undefined) =>
  AVATARS[avatar as keyof typeof AVATARS] ?? (name?.slice(0, 1).toUpperCase() || "·");

function Profile() {
  const profile = useLoad(() => content(rest.GET("/auth/profile")), []);
  return (
    <section>
      <h2>{t("profile")}</h2>
      <Show of={profile}>
        {({ name, avatar, username }) => (
          <Form
            label={t("profile")}
            action={t("save")}
            send={async (values) => {
              const chosen = {
                name: String(values.get("name")) || null,
                avatar: String(values.get("avatar")) || null,
              };
              await content(rest.PUT("/auth/profile", { body: chosen }));
              say(t("saved"));
            }}
          >
            <Field
              label={t("name")}
              name="name"
              defaultValue={name ?? ""}
              placeholder={username ?? ""}
              maxLength={40}
              hint={t("nameHint")}
            />
            <Choice label={t("avatar")} name="avatar" defaultValue={avatar ?? ""}>
              <option value="">{t("none")}</option>
              {Object.entries(AVATARS).map(([key, picture]) => (
                <option key={key} value={key} selected={key === avatar}>
                  {picture} {key}
                </option>
              ))}
            </Choice>
          </Form>
        )}
      </Show>
    </section>
  );
}

/** Read the whole export, cursor by cursor, and hand it to the browser as a file. */
async function exportAll(): Promise<void> {
  const pages: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = (await content(
      rest.GET("/user/export", { params: { query: cursor ? { cursor } : {} } }),
    )) as { nextCursor?: string | null }; // text only where CSV was asked for
    pages.push(page);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    new Blob([JSON.stringify(pages.length === 1 ? pages[0] : pages, null, 2)], {
      type: "application/json",
    }),
  );
  link.download = "matinee.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

async function leave(): Promise<void> {
  await forgetHere().catch(() => undefined); // it is signed out in any case
  await signOut();
}

export function Account() {
  const deleting = useSignal(false);
  return (
    <main id="view" class="narrow">
      <h1>{t("account")}</h1>
      <Choice
        label={t("language")}
        value={language.value}
        onChange={(event) => choose(event.currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </Choice>
      <Profile />
      <p>
        <a href={places.preferences}>{t("preferences")}</a>
      </p>
      <Notifications />
      <section>
        <h2>{t("data")}</h2>
        <p class="actions">
          <button type="button" onClick={() => attempt(exportAll)}>
            {t("export")}
          </button>
          <button type="button" onClick={() => attempt(leave)}>
            {t("signOut")}
          </button>
        </p>
        <p class="actions">
          {deleting.value ? (
            <>
              <span>{t("deleteSure")}</span>
              <button
                type="button"
                class="danger"
                onClick={() =>
                  attempt(async () => {
                    await content(rest.DELETE("/auth/account"));
                    await signOut();
                  })
                }
              >
                {t("deleteAccount")}
              </button>
              <button type="button" onClick={() => (deleting.value = false)}>
                {t("cancel")}
              </button>
            </>
          ) : (
            <button type="button" onClick={() => (deleting.value = true)}>
              {t("deleteAccount")}
            </button>
          )}
        </p>
      </section>
    </main>
  );
}
