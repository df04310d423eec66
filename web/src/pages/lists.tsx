/** One's own lists. */

import { useSignal } from "@preact/signals";
import { t } from "../language";
import { places } from "../places";
import { entries, load, SHELVES, type Shelf } from "../shelves";
import { Tabs } from "../ui/fields";
import { Show, useLoad } from "../ui/load";
import { Grid, TitleCard } from "../ui/title";

export function Lists() {
  const shelf = useSignal<Shelf>("favourites");
  const loaded = useLoad(async () => {
    await load(shelf.value);
    return true;
  }, [shelf.value]);
  return (
    <main id="view">
      <h1>{t("lists")}</h1>
      <div class="controls">
        <Tabs
          label={t("list")}
          options={SHELVES.map((value) => ({ value, name: t(value) }))}
          chosen={shelf.value}
          change={(value) => (shelf.value = value)}
        />
        <a href={places.imports}>{t("importLink")}</a>
      </div>
      <Show of={entries(shelf.value) ? { ...loaded, value: true } : loaded}>
        {() => {
          const own = entries(shelf.value) ?? [];
          return own.length ? (
            <Grid label={t(shelf.value)}>
              {own.map((entry) => (
                <TitleCard key={`${entry.mediaType} ${entry.mediaId}`} title={entry} />
              ))}
            </Grid>
          ) : (
            <p class="quiet">{t("emptyList")}</p>
          );
        }}
      </Show>
    </main>
  );
}
