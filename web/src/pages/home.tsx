/** What there is: the catalogue's lists. */

import { useSignal } from "@preact/signals";
import { content, rest, type MediaType, type Title } from "../api/rest";
import { t } from "../language";
import { Choice, Tabs } from "../ui/fields";
import { Show, useLoad } from "../ui/load";
import { Grid, TitleCard } from "../ui/title";
import { attempt } from "../ui/toast";

const LISTS = ["trending", "popular", "top_rated"] as const;
const PAGE = 24;

/** A list's titles, and more of them on request. */
function List({
  query,
}: {
  query: { mediaType: MediaType; listType?: (typeof LISTS)[number]; genreId?: number };
}) {
  const more = useSignal<{ items: Title[]; cursor: string | null } | null>(null);
  const read = (cursor?: string) =>
    content(
      rest.GET("/media", {
        params: { query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) } },
      }),
    );
  const first = useLoad(async () => {
    const page = await read();
    more.value = { items: page.items, cursor: page.nextCursor };
    return page;
  }, [JSON.stringify(query)]);
  const extend = async (cursor: string) => {
    const page = await read(cursor);
    more.value = { items: [...(more.peek()?.items ?? []), ...page.items], cursor: page.nextCursor };
  };
  return (
    <Show of={first}>
      {() => {
        const { items, cursor } = more.value!;
        if (!items.length) return <p class="quiet">{t("emptyCatalogue")}</p>;
        return (
          <>
            <Grid label={t("titles")}>
              {items.map((title) => (
                <TitleCard key={title.mediaId} title={title} />
              ))}
            </Grid>
            {cursor && (
              <button type="button" class="more" onClick={() => attempt(() => extend(cursor))}>
                {t("more")}
              </button>
            )}
          </>
        );
      }}
    </Show>
  );
}

export function Home() {
  const mediaType = useSignal<MediaType>("movie");
  const list = useSignal<string>("popular");
  const genres = useLoad(() => content(rest.GET("/media/genres")), []);
  const genreId = Number(list.value);
  return (
    <main id="view">
      <h1>{t("homeHeading")}</h1>
      <div class="controls">
        <Tabs
          label={t("mediaType")}
          options={[
            { value: "movie", name: t("films") },
            { value: "tv", name: t("series") },
          ]}
          chosen={mediaType.value}
          change={(value) => {
            mediaType.value = value;
            if (genreId) list.value = "popular";
          }}
        />
        <Choice
          label={t("list")}
          value={list.value}
          onChange={(event) => (list.value = event.currentTarget.value)}
        >
          {LISTS.map((name) => (
            <option key={name} value={name}>
              {t(name)}
            </option>
          ))}
          {genres.value?.[mediaType.value].map((genre) => (
            <option key={genre.id} value={genre.id}>
              {genre.name}
            </option>
          ))}
        </Choice>
      </div>
      <List
        key={`${mediaType.value} ${list.value}`}
        query={
          genreId
            ? { mediaType: mediaType.value, genreId }
            : { mediaType: mediaType.value, listType: list.value as (typeof LISTS)[number] }
        }
      />
    </main>
  );
}
