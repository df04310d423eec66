/** One's rooms and matches, a new room, and the way into a friend's. */

import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { content, rest } from "../api/rest";
import { ask } from "../api/graphql";
import { Crews, Invitations } from "../crews/crews";
import { t, time } from "../language";
import { at, shelfType } from "../places";
import { Chips, Choice, Field, Tabs } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { CREATE, MY_ROOMS } from "./documents";
import { History } from "./history";

const MEDIA = {
  films: ["MOVIE"],
  series: ["TV"],
  both: ["MOVIE", "TV"],
} as const satisfies Record<string, readonly ("MOVIE" | "TV")[]>;

/** How long a room is open. */
const HOURS = [6, 24, 72, 168];
const DAY_HOURS = 24;

interface Genre {
  id: number;
  name: string;
}

/** The genres to choose from; some have one id for films and series. */
function genresOf(
  known: { movie: Genre[]; tv: Genre[] } | null,
  media: readonly ("MOVIE" | "TV")[],
) {
  const all = media.flatMap((type) => known?.[shelfType(type)] ?? []);
  return [...new Map(all.map(({ id, name }) => [id, { value: id, name }])).values()];
}

function OpenRoom() {
  const { route } = useLocation();
  const media = useSignal<keyof typeof MEDIA>("films");
  const source = useSignal<"DISCOVER" | "GROUP">("DISCOVER");
  const genreIds = useSignal<number[]>([]);
  const excluded = useSignal<number[]>([]);
  const genres = useLoad(() => content(rest.GET("/media/genres")), []);
  const key = useSignal(crypto.randomUUID());
  const figure = (value: FormDataEntryValue | null) => (value ? Number(value) : null);
  return (
    <Form
      label={t("openRoom")}
      action={t("openRoom")}
      send={async (values) => {
        const rule = values.get("rule") as "ALL" | "AT_LEAST" | "NO_VETO";
        const { createRoom } = await ask(CREATE, {
          input: {
            mediaTypes: [...MEDIA[media.value]],
            source: source.value,
            genreIds: genreIds.value,
            rule,
            atLeast: rule === "AT_LEAST" ? 2 : null,
            filters: {
              excludedGenreIds: excluded.value,
              yearFrom: figure(values.get("yearFrom")),
              yearTo: figure(values.get("yearTo")),
              maxRuntime: figure(values.get("maxRuntime")),
              minRating: figure(values.get("minRating")),
            },
            closesAfterHours: Number(values.get("hours")),
            // The same request again, after an answer was lost, is the same room.
            idempotencyKey: key.value,
          },
        });
        key.value = crypto.randomUUID();
        route(at("room", createRoom));
      }}
    >
      <Tabs
        label={t("mediaType")}
        options={[
          { value: "films", name: t("films") },
          { value: "series", name: t("series") },
          { value: "both", name: t("both") },
        ]}
        chosen={media.value}
        change={(value) => {
          media.value = value;
          genreIds.value = [];
          excluded.value = [];
        }}
      />
      <Tabs
        label={t("source")}
        options={[
          { value: "DISCOVER", name: t("everything") },
          { value: "GROUP", name: t("forGroup") },
        ]}
        chosen={source.value}
        change={(value) => (source.value = value)}
      />
      <Chips
        label={t("genres")}
        options={genresOf(genres.value, MEDIA[media.value])}
        chosen={genreIds.value}
        change={(chosen) => (genreIds.value = chosen)}
      />
      <Choice label={t("rule")} name="rule">
        <option value="ALL">{t("ruleAll")}</option>
        <option value="AT_LEAST">{t("ruleAtLeast")}</option>
        <option value="NO_VETO">{t("ruleNoVeto")}</option>
      </Choice>
      <details>
        <summary>{t("moreFilters")}</summary>
        <Chips
          label={t("withoutGenres")}
          options={genresOf(genres.value, MEDIA[media.value])}
          chosen={excluded.value}
          change={(chosen) => (excluded.value = chosen)}
        />
        <Field label={t("yearFrom")} name="yearFrom" type="number" min={1900} max={2100} />
        <Field label={t("yearTo")} name="yearTo" type="number" min={1900} max={2100} />
        <Field label={t("maxRuntime")} name="maxRuntime" type="number" min={1} max={600} />
        <Field label={t("minRating")} name="minRating" type="number" min={0} max={10} step={0.5} />
        <Choice label={t("openFor")} name="hours">
          {HOURS.map((hours) => (
            <option key={hours} value={hours} selected={hours === DAY_HOURS}>
              {t("hours", { count: hours })}
            </option>
          ))}
        </Choice>
      </details>
    </Form>
  );
}

function JoinByCode() {
  const { route } = useLocation();
  return (
    <Form
      label={t("joinRoom")}
      action={t("joinRoom")}
      send={async (values) => route(at("join", { code: String(values.get("code")) }))}
    >
      <Field
        label={t("roomCode")}
        name="code"
        autocomplete="off"
        autocapitalize="characters"
        required
      />
    </Form>
  );
}

export function Rooms() {
  const rooms = useLoad(() => ask(MY_ROOMS, {}), []);
  return (
    <main id="view">
      <h1>{t("rooms")}</h1>
      <Invitations inside={rooms.value?.getMyRooms ?? []} />
      <div class="columns">
        <section>
          <h2>{t("openRoom")}</h2>
          <OpenRoom />
        </section>
        <section>
          <h2>{t("joinRoom")}</h2>
          <JoinByCode />
          <h2>{t("myRooms")}</h2>
          <Show of={rooms}>
            {({ getMyRooms }) =>
              getMyRooms.length ? (
                <ul class="rows">
                  {getMyRooms.map((room) => (
                    <li key={room.id}>
                      <a href={at("room", room)}>
                        {room.people.map(({ name }) => name ?? t("somebody")).join(", ")}
                      </a>{" "}
                      <span class="quiet">{t("closes", { at: time(room.closesAt) })}</span>
                    </li>
                  ))}
                </ul>
              ) : (
                <p class="quiet">{t("noRooms")}</p>
              )
            }
          </Show>
        </section>
      </div>
      <Crews />
      <History />
    </main>
  );
}
