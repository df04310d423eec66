/** What is known of a title beside its name: facts, genres, who streams it. */

import { content, rest, type MediaType } from "../api/rest";
import { language, t } from "../language";
import { useLoad } from "./load";

export type Genres = Record<MediaType, { id: number; name: string }[]>;

/** The names of all genres; null until they are known. */
export const useGenres = (): Genres | null =>
  useLoad(() => content(rest.GET("/media/genres")), []).value;

/** The names of a title's genres; none until the genres are known. */
export const genreNames = (
  title: { mediaType: MediaType; genreIds: readonly number[] },
  genres: Genres | null,
) =>
  title.genreIds.flatMap(
    (id) => genres?.[title.mediaType].find((one) => one.id === id)?.name ?? [],
  );

/** Names with what they stand for; what is not known is left out. */
export function Facts({ of }: { of: [string, string | null | undefined][] }) {
  const known = of.filter(([, value]) => value);
  if (!known.length) return null;
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Offers {
  country: string;
  providers: readonly { id: number; name: string }[];
  credit?: string | null | undefined;
}

/** Who streams a title; the source is to be named beside it. */
export function WhereToWatch({ where, heading: Heading }: { where: Offers; heading: "h2" | "h3" }) {
  return (
    <>
      <Heading>
        {t("whereToWatch", {
          country: new Intl.DisplayNames(language.value, { type: "region" }).of(where.country),
        })}
      </Heading>
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
    </>
  );
}

const VIDEOS: Record<string, string> = {
  YouTube: "https://www.youtube.com/watch?v=",
  Vimeo: "https://vimeo.com/",
};

export function TrailerLink({ of }: { of: { site: string; key: string } | null | undefined }) {
  if (!of || !VIDEOS[of.site]) return null;
  return (
    <p>
      <a href={`${VIDEOS[of.site]}${encodeURIComponent(of.key)}`} rel="noreferrer" target="_blank">
        {t("trailer")}
      </a>
    </p>
  );
}
