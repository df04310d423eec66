/** A card that is thrown to one side: by a finger, a mouse, the buttons or the arrow keys. */

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { number, t } from "../language";
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

export function Swipe({ card, vote }: { card: Card; vote: (yes: boolean) => void }) {
  const box = useRef<HTMLElement>(null);
  const start = useSignal<number | null>(null);
  const moved = useSignal(0);

  // Before the card is painted: no key is lost.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const busy =
        event.target instanceof HTMLElement &&
        event.target.closest("input, select, textarea, dialog");
      if (busy || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key === "ArrowRight") vote(true);
      if (event.key === "ArrowLeft") vote(false);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [card.id, vote]);

  const release = () => {
    const far = Math.abs(moved.value) > (box.current?.offsetWidth ?? Infinity) * THROW;
    if (start.value !== null && far) vote(moved.value > 0);
    start.value = null;
    moved.value = 0;
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
        onPointerDown={(event) => {
          start.value = event.clientX;
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
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
          <h2>
            {card.title} <span class="quiet">{yearOf(card.releaseDate)}</span>
          </h2>
          <p class="rating">
            {t("rating", { average: number(card.voteAverage ?? 0), count: card.voteCount ?? 0 })}
          </p>
          {card.reason && <p class="reason">{t(REASONS[card.reason])}</p>}
          <p>{card.overview}</p>
        </div>
      </article>
      <p class="votes">
        <button type="button" class="no" onClick={() => vote(false)}>
          <Icon name="cross" />
          {t("no")}
        </button>
        <button type="button" class="yes" onClick={() => vote(true)}>
          <Icon name="heart" filled />
          {t("yes")}
        </button>
      </p>
    </div>
  );
}
