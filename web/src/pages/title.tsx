/** Everything about a title, and what is like it. */

import { content, rest, type MediaType, type TitleDetails } from "../api/rest";
import { day, language, number, t } from "../language";
import { Show, useLoad } from "../ui/load";
import { Grid, ListButtons, Poster, TitleCard } from "../ui/title";
import { memberId } from "../session";

interface Place {
  mediaType: MediaType;
  mediaId: string;
}

const VIDEOS: Record<string, string> = {
  YouTube: "https://www.youtube.com/watch?v=",
  Vimeo: "https://vimeo.com/",
};

/** The visitor's country, as far as the browser's language says it. */
const country = () => new Intl.Locale(navigator.language).maximize().region ?? "US";

type Genres = Record<MediaType, { id: number; name: string }[]>;

/** The names of a title's genres; none until the genres are known. */
export const genreNames = (
  title: { mediaType: MediaType; genreIds: number[] },
  genres: Genres | null,
) =>
  title.genreIds.flatMap(
    (id) => genres?.[title.mediaType].find((one) => one.id === id)?.name ?? [],
  );

function Facts({ title }: { title: TitleDetails }) {
  const genres = useLoad(() => content(rest.GET("/media/genres")), []);
  const facts: [string, string | null | undefined][] = [
    [t("released"), title.releaseDate && day(title.releaseDate)],
    [t("runtime"), title.runtime ? t("minutes", { count: title.runtime }) : null],
    [t("genres"), genreNames(title, genres.value).join(", ")],
    [t("directors"), title.directors.join(", ")],
    [t("cast"), title.cast.slice(0, 6).join(", ")],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function WhereToWatch({ title }: { title: TitleDetails }) {
  const where = title.whereToWatch;
  if (!where) return null;
  return (
    <section>
      <h2>
        {t("whereToWatch", {
          country: new Intl.DisplayNames(language.value, { type: "region" }).of(where.country),
        })}
      </h2>
      {where.providers.length ? (
        <ul class="tags">
          {where.providers.map((provider) => (
            <li key={provider.id}>{provider.name}</li>
          ))}
        </ul>
      ) : (
        <p class="quiet">{t("nobodyStreams")}</p>
      )}
      <small class="quiet">{t("credit", { source: where.credit ?? "JustWatch" })}</small>
    </section>
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
              <Facts title={title} />
              {title.trailer && VIDEOS[title.trailer.site] && (
                <p>
                  <a
                    href={`${VIDEOS[title.trailer.site]}${encodeURIComponent(title.trailer.key)}`}
                    rel="noreferrer"
                    target="_blank"
                  >
                    {t("trailer")}
                  </a>
                </p>
              )}
              <WhereToWatch title={title} />
            </div>
          </article>
        )}
      </Show>
      {memberId.value && <Similar mediaType={mediaType} mediaId={mediaId} />}
    </main>
  );
}
