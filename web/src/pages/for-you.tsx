/** Recommendations, each with its reason and how its score is made. */

import { useSignal } from "@preact/signals";
import { content, rest, type MediaType, type Recommendation } from "../api/rest";
import { number, t } from "../language";
import { places } from "../places";
import { memberId } from "../session";
import { Tabs } from "../ui/fields";
import { Show, useLoad } from "../ui/load";
import { Grid, TitleCard } from "../ui/title";

const PARTS = ["genre", "quality", "personalization", "popularity", "diversity"] as const;

/** The parts of a score as a bar, with the same in words. */
function Score({ of }: { of: Recommendation }) {
  const parts = PARTS.map((name) => ({ name, value: of.scoreParts[name] ?? 0 })).filter(
    ({ value }) => value > 0,
  );
  const words = parts.map(({ name, value }) => `${t(name)} ${number(value)}`).join(", ");
  return (
    <span
      class="score"
      role="img"
      aria-label={t("score", { score: number(of.score), parts: words })}
      title={words}
    >
      {parts.map(({ name, value }) => (
        <i key={name} class={name} style={{ flexGrow: value }} />
      ))}
    </span>
  );
}

export function ForYou() {
  const mediaType = useSignal<MediaType | "both">("both");
  const found = useLoad(
    () =>
      content(
        rest.GET("/recommendations", {
          params: { query: { mediaType: mediaType.value, limit: 24 } },
        }),
      ),
    [mediaType.value, memberId.value],
  );
  return (
    <main id="view">
      <h1>{t("forYou")}</h1>
      <div class="controls">
        <Tabs
          label={t("mediaType")}
          options={[
            { value: "both", name: t("both") },
            { value: "movie", name: t("films") },
            { value: "tv", name: t("series") },
          ]}
          chosen={mediaType.value}
          change={(value) => (mediaType.value = value)}
        />
      </div>
      <p>
        <a href={places.preferences}>{t("preferences")}</a>
      </p>
      <ul class="legend" aria-hidden="true">
        {PARTS.map((name) => (
          <li key={name}>
            <i class={name} /> {t(name)}
          </li>
        ))}
      </ul>
      <Show of={found}>
        {({ items }) => (
          <Grid label={t("forYou")}>
            {items.map((title) => (
              <TitleCard key={`${title.mediaType} ${title.mediaId}`} title={title}>
                <Score of={title} />
                <span class="reason">{title.recommendationReason}</span>
              </TitleCard>
            ))}
          </Grid>
        )}
      </Show>
    </main>
  );
}
