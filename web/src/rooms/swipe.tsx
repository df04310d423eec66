/** A card that is thrown to one side: by a finger, a mouse, the buttons or the arrow keys. */

import { useSignal } from "@preact/signals";
import type { TargetedPointerEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { number, t } from "../language";
import { shelfType } from "../places";
import { Facts, genreNames, TrailerLink, WhereToWatch, type Genres } from "../ui/details";
import { Icon } from "../ui/icon";
import { Poster, yearOf } from "../ui/title";
import type { Card } from "./documents";

/** How far a card must be dragged, as a share of its width. */
const THROW = 0.3;

const REASONS = {
  SEVERAL_LISTS: "reasonLists",
  FITS_EVERYBODY: "reasonFits",
  POPULAR: "reasonPopular",
} as const;

/** What helps to decide, below the picture. */
function Details({ card, genres }: { card: Card; genres: Genres | null }) {
  const names = genreNames({ ...card, mediaType: shelfType(card.mediaType) }, genres);
  return (
    <>
      <h2>
        {card.title} <span class="quiet">{yearOf(card.releaseDate)}</span>
      </h2>
      <p class="rating">
        {t("rating", { average: number(card.voteAverage ?? 0), count: card.voteCount ?? 0 })}
      </p>
      {card.reason && <p class="reason">{t(REASONS[card.reason])}</p>}
      <p>{card.overview}</p>
      <Facts
        of={[
          [t("genres"), names.join(", ")],
          [t("runtime"), card.runtime ? t("minutes", { count: card.runtime }) : null],
          [t("certification"), card.certification],
          [t("directors"), card.directors.join(", ")],
          [t("cast"), card.cast.join(", ")],
        ]}
      />
      <TrailerLink of={card.trailer} />
      {card.whereToWatch && <WhereToWatch where={card.whereToWatch} heading="h3" />}
    </>
  );
}

export interface SwipeProps {
  card: Card;
  genres: Genres | null;
  /** `seen`: they know the title already. */
  vote: (yes: boolean, seen: boolean) => void;
}

export function Swipe({ card, genres, vote }: SwipeProps) {
  const box = useRef<HTMLElement>(null);
  const start = useSignal<number | null>(null);
  const moved = useSignal(0);
  const seen = useSignal(false);

  // Before the card is painted: no key is lost.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const busy =
        event.target instanceof HTMLElement &&
        event.target.closest("input, select, textarea, dialog");
      if (busy || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key === "ArrowRight") vote(true, seen.value);
      if (event.key === "ArrowLeft") vote(false, seen.value);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [card.id, vote]);

  const release = () => {
    const far = Math.abs(moved.value) > (box.current?.offsetWidth ?? Infinity) * THROW;
    if (start.value !== null && far) vote(moved.value > 0, seen.value);
    start.value = null;
    moved.value = 0;
  };
  const take = (event: TargetedPointerEvent<HTMLElement>) => {
    if ((event.target as Element).closest("a")) return; // it would get no click
    start.value = event.clientX;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const side = moved.value === 0 ? "" : moved.value > 0 ? "yes" : "no";
  return (
    <div class="swipe">
      <article
        ref={box}
        class={`deck-card ${side}`}
        style={{
          transform: `translateX(${moved.value}px) rotate(${moved.value / 25}deg)`,
          transition: start.value === null ? undefined : "none",
        }}
        onPointerDown={take}
        onPointerMove={(event) => {
          if (start.value !== null) moved.value = event.clientX - start.value;
        }}
        onPointerUp={release}
        onPointerCancel={() => {
          start.value = null;
          moved.value = 0;
        }}
      >
        <Poster title={card.title} path={card.posterPath} size="w500" />
        <div class="words" aria-live="polite" tabIndex={0}>
          <Details card={card} genres={genres} />
        </div>
      </article>
      <p class="votes">
        <button type="button" class="no" onClick={() => vote(false, seen.value)}>
          <Icon name="cross" />
          {t("no")}
        </button>
        <button
          type="button"
          class="mark"
          aria-pressed={seen.value}
          title={t("seenAlready")}
          onClick={() => (seen.value = !seen.value)}
        >
          <Icon name="eye" />
          <span>{t("seenAlready")}</span>
        </button>
        <button type="button" class="yes" onClick={() => vote(true, seen.value)}>
          <Icon name="heart" filled />
          {t("yes")}
        </button>
      </p>
    </div>
  );
}
