/** Everything about a title, and what is like it. */

import { content, rest, type MediaType, type TitleDetails } from "../api/rest";
import { country, day, language, number, t } from "../language";
import { Facts, genreNames, TrailerLink, useGenres, WhereToWatch } from "../ui/details";
import { Show, useLoad } from "../ui/load";
import { Grid, ListButtons, Poster, TitleCard } from "../ui/title";
import { memberId } from "../session";

interface Place {
  mediaType: MediaType;
  mediaId: string;
}

function Known({ title }: { title: TitleDetails }) {
  const genres = useGenres();
  return (
    <Facts
      of={[
        [t("released"), title.releaseDate && day(title.releaseDate)],
        [t("runtime"), title.runtime ? t("minutes", { count: title.runtime }) : null],
        [t("genres"), genreNames(title, genres).join(", ")],
        [t("directors"), title.directors.join(", ")],
        [t("cast"), title.cast.slice(0, 6).join(", ")],
      ]}
    />
  );
}

function Similar({ mediaType, mediaId }: Place) {
  const similar = useLoad(
    () =>
      content(
        rest.GET("/recommendations/similar/{mediaType}/{mediaId}", {
          params: { path: { mediaType, mediaId: Number(mediaId) }, query: { limit: 12 } },
        }),
      ),
    [mediaType, mediaId, memberId.value],
  );
  return (
    <section>
      <h2>{t("similar")}</h2>
      <Show of={similar}>
        {({ items }) => (
          <Grid label={t("similar")}>
            {items.map((title) => (
              <TitleCard key={`${title.mediaType} ${title.mediaId}`} title={title} />
            ))}
          </Grid>
        )}
      </Show>
    </section>
  );
}

export function TitlePage({ mediaType, mediaId }: Place) {
  const found = useLoad(
    () =>
      content(
        rest.GET("/media/{mediaType}/{mediaId}", {
          params: {
            path: { mediaType, mediaId: Number(mediaId) },
            query: { language: language.value, country: country() },
          },
        }),
      ),
    [mediaType, mediaId, language.value],
  );
  return (
    <main id="view">
      <Show of={found}>
        {(title) => (
          <article class="title">
            <Poster title={title.title} path={title.posterPath} size="w500" />
            <div>
              <h1>{title.title}</h1>
              <p class="rating">
                {t("rating", { average: number(title.voteAverage), count: title.voteCount })}
              </p>
              <ListButtons title={title} />
              <p>{title.overview}</p>
              <Known title={title} />
              <TrailerLink of={title.trailer} />
              {title.whereToWatch && (
                <section>
                  <WhereToWatch where={title.whereToWatch} heading="h2" />
                </section>
              )}
            </div>
          </article>
        )}
      </Show>
      {memberId.value && <Similar mediaType={mediaType} mediaId={mediaId} />}
    </main>
  );
}
