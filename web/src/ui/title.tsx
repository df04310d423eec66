/** Titles: a poster with a name, and the buttons for one's lists. */

import type { ComponentChildren } from "preact";
import { t, type Message } from "../language";
import { at, picture } from "../places";
import { memberId } from "../session";
import { isOn, put, type Shelf, type TitleRef } from "../shelves";
import { Icon, type IconName } from "./icon";
import { attempt } from "./toast";

export function Poster({
  title,
  path,
  size = "w342",
}: {
  title: string;
  path?: string | null | undefined;
  size?: "w185" | "w342" | "w500";
}) {
  return path ? (
    <img class="poster" src={picture(path, size)} alt="" loading="lazy" width="342" height="513" />
  ) : (
    <span class="poster empty" aria-hidden="true">
      {title.slice(0, 1)}
    </span>
  );
}

export const yearOf = (date?: string | null) => date?.slice(0, 4) ?? "";

interface Shown extends TitleRef {
  releaseDate?: string | null;
}

/** A title in a grid, which leads to its own view. */
export function TitleCard({ title, children }: { title: Shown; children?: ComponentChildren }) {
  const name = title.title ?? t("untitled", { id: title.mediaId });
  return (
    <li class="card">
      <a href={at("title", { ...title })}>
        <Poster title={name} path={title.posterPath} />
        <span class="name">{name}</span>
        <span class="quiet">{yearOf(title.releaseDate)}</span>
      </a>
      <ListButtons title={title} compact />
      {children}
    </li>
  );
}

export function Grid({ children, label }: { children: ComponentChildren; label: string }) {
  return (
    <ul class="grid" aria-label={label}>
      {children}
    </ul>
  );
}

const BUTTONS: { shelf: Shelf; icon: IconName; add: Message; remove: Message }[] = [
  { shelf: "favourites", icon: "heart", add: "addFavourite", remove: "removeFavourite" },
  { shelf: "watchlist", icon: "bookmark", add: "addWatchlist", remove: "removeWatchlist" },
  { shelf: "seen", icon: "eye", add: "addSeen", remove: "removeSeen" },
  { shelf: "dismissed", icon: "cross", add: "addDismissed", remove: "removeDismissed" },
];
/** On a card there is room for the first ones alone. */
const ON_CARDS = 2;

/** Nothing for who is not signed in. */
export function ListButtons({ title, compact = false }: { title: TitleRef; compact?: boolean }) {
  if (!memberId.value) return null;
  return (
    <span class={compact ? "list-buttons compact" : "list-buttons"}>
      {BUTTONS.slice(0, compact ? ON_CARDS : undefined).map(({ shelf, icon, add, remove }) => {
        const on = isOn(shelf, title);
        const words = t(on ? remove : add);
        return (
          <button
            key={shelf}
            type="button"
            aria-pressed={on}
            aria-label={compact ? `${words}: ${title.title ?? title.mediaId}` : undefined}
            title={compact ? words : undefined}
            onClick={() => attempt(() => put(shelf, title, !on))}
          >
            <Icon name={icon} filled={on} />
            {!compact && words}
          </button>
        );
      })}
    </span>
  );
}
