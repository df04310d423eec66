/** One's name, taste and account. */

import { useSignal } from "@preact/signals";
import { content, rest } from "../api/rest";
import { choose, language, LANGUAGES, t, type Language } from "../language";
import { forgetHere } from "../push";
import { signOut } from "../session";
import { Notifications } from "./notifications";
import { Chips, Choice, Field } from "../ui/fields";
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

/** Genres have one name for films and series alike, and preferences take names. */
function Taste() {
  const loaded = useLoad(async () => {
    const [stored, genres] = await Promise.all([
      content(rest.GET("/user/preferences")),
      content(rest.GET("/media/genres")),
    ]);
    const names = new Set([...genres.movie, ...genres.tv].map((genre) => genre.name));
    return {
      stored: stored.preferences,
      names: [...names].sort((one, other) => one.localeCompare(other)),
    };
  }, []);
  return (
    <section>
      <h2>{t("taste")}</h2>
      <Show of={loaded}>{({ stored, names }) => <TasteForm stored={stored} names={names} />}</Show>
    </section>
  );
}

interface Stored {
  favoriteGenres?: (string | number)[] | null;
  dislikedGenres?: (string | number)[] | null;
  minRating?: number | null;
  releaseYearStart?: number | null;
}

function TasteForm({ stored, names }: { stored: Stored; names: string[] }) {
  const liked = useSignal(stored.favoriteGenres ?? []);
  const disliked = useSignal(stored.dislikedGenres ?? []);
  const options = names.map((name) => ({ value: name, name }));
  const figure = (value: FormDataEntryValue | null) => (value ? Number(value) : null);
  return (
    <Form
      label={t("taste")}
      action={t("save")}
      send={async (values) => {
        const body = {
          favoriteGenres: liked.value,
          dislikedGenres: disliked.value,
          minRating: figure(values.get("minRating")),
          releaseYearStart: figure(values.get("releaseYearStart")),
        };
        // Fields of a client's own may be added, which TypeScript cannot tell from the known ones.
        await content(rest.POST("/user/preferences", { body: body as never }));
        say(t("saved"));
      }}
    >
      <Chips
        label={t("likedGenres")}
        options={options}
        chosen={liked.value}
        change={(chosen) => (liked.value = chosen)}
      />
      <Chips
        label={t("dislikedGenres")}
        options={options}
        chosen={disliked.value}
        change={(chosen) => (disliked.value = chosen)}
      />
      <Field
        label={t("minRating")}
        name="minRating"
        type="number"
        min={0}
        max={10}
        step={0.5}
        defaultValue={String(stored.minRating ?? "")}
      />
      <Field
        label={t("yearFrom")}
        name="releaseYearStart"
        type="number"
        min={1900}
        max={2100}
        defaultValue={String(stored.releaseYearStart ?? "")}
      />
    </Form>
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
      <Taste />
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
