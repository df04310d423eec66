/** Titles by their names. */

import { useLocation } from "preact-iso";
import { useEffect, useRef } from "preact/hooks";
import { content, rest } from "../api/rest";
import { t } from "../language";
import { places } from "../places";
import { Show, useLoad } from "../ui/load";
import { Grid, TitleCard } from "../ui/title";

const PAUSE_MILLISECONDS = 300;

function Results({ words }: { words: string }) {
  const found = useLoad(
    () => content(rest.GET("/media/search", { params: { query: { q: words } } })),
    [words],
  );
  return (
    <Show of={found}>
      {({ items }) =>
        items.length ? (
          <Grid label={t("results")}>
            {items.map((title) => (
              <TitleCard key={`${title.mediaType} ${title.mediaId}`} title={title} />
            ))}
          </Grid>
        ) : (
          <p role="status">{t("nothingFound", { words })}</p>
        )
      }
    </Show>
  );
}

export function Search() {
  const { query, route } = useLocation();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const words = query.q ?? "";
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (event: { currentTarget: HTMLInputElement }) => {
    const typed = event.currentTarget.value.trim();
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => route(`${places.search}?q=${encodeURIComponent(typed)}`, true),
      PAUSE_MILLISECONDS,
    );
  };
  return (
    <main id="view">
      <h1>{t("search")}</h1>
      <form role="search" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label={t("searchLabel")}
          placeholder={t("searchLabel")}
          value={words}
          onInput={type}
          autocomplete="off"
        />
      </form>
      {words && <Results words={words} />}
    </main>
  );
}
