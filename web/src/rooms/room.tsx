/** A room: who is here, the next card, what they think together, and a decision at the end. */

import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { ask } from "../api/graphql";
import { inTurn } from "../in-turn";
import { KeepCrew } from "../crews/crews";
import { country, language, t, time, type Message } from "../language";
import { at, places, shelfType } from "../places";
import { face } from "../pages/account";
import { Refusal, unreachable } from "../refusal";
import { isGuest, userId } from "../session";
import { Failure, Show, useLoad } from "../ui/load";
import { useGenres } from "../ui/details";
import { Icon } from "../ui/icon";
import { Poster } from "../ui/title";
import { attempt, say } from "../ui/toast";
import {
  CLOSE,
  DEAL_MORE,
  DECIDE,
  DECK,
  EXTEND,
  LEAVE,
  PROPOSE,
  REMOVE,
  ROOM,
  STANDINGS,
  VOTE,
  type Card,
  type Decided,
  type FeedEntry,
  type Found,
  type Inside,
} from "./documents";
import { useFeed } from "./feed";
import { Invite } from "./invite";
import { Swipe } from "./swipe";

/** How many cards are asked for at a time: few, and often, let a group agree sooner. */
const CARDS = 3;
/** How many events of the evening are shown. */
const EVENTS = 8;
const HOUR_MILLISECONDS = 3_600_000;
/** A room is open for a week at most. */
const MOST_HOURS = 168;

/** How far somebody has come. */
const Progress = ({ voted, of }: { voted: number; of: number }) => (
  <small class="quiet progress">
    <i aria-hidden="true" style={{ width: `${(100 * voted) / Math.max(1, of)}%` }} />
    {t("progress", { voted, of })}
  </small>
);

function People(props: { room: Inside; feed: readonly FeedEntry[]; again: () => void }) {
  const { room, feed, again } = props;
  // Entries of other kinds have a user, too, and no progress.
  const told = new Map(
    feed.flatMap(({ userId, progress }) => (progress ? [[userId, progress] as const] : [])),
  );
  const isHost = room.hostId === userId.value;
  const remove = async (id: string) => {
    await ask(REMOVE, { id: room.id, userId: id });
    again();
  };
  return (
    <ul class="people" aria-label={t("people")}>
      {room.people.map(
        ({ userId: id, name, avatar, isHost: opened, isGuest: visits, isPresent, progress }) => (
          <li key={id} class={isPresent ? undefined : "absent"}>
            <span class="face" aria-hidden="true">
              {face(avatar, name)}
            </span>
            {name ?? t("somebody")}
            <Progress {...(told.get(id) ?? progress)} />
            {!isPresent && <small class="quiet"> {t("absent")}</small>}
            {opened && <small class="quiet"> {t("host")}</small>}
            {visits && <small class="quiet"> {t("guest")}</small>}
            {id === userId.value && <small class="quiet"> {t("you")}</small>}
            {isHost && id !== userId.value && (
              <button
                type="button"
                class="link"
                aria-label={`${t("removeParticipant")}: ${name ?? t("somebody")}`}
                onClick={() => attempt(() => remove(id))}
              >
                <Icon name="cross" />
              </button>
            )}
          </li>
        ),
      )}
    </ul>
  );
}

/** How long the room is open, and the host's say in it. */
function Closing({ room, again }: { room: Inside; again: () => void }) {
  const isHost = room.hostId === userId.value;
  const openHours = (Date.parse(room.closesAt) - Date.parse(room.createdAt)) / HOUR_MILLISECONDS;
  const change = (action: () => Promise<unknown>) =>
    attempt(async () => {
      await action();
      again();
    });
  if (room.closeReason)
    return (
      <p class="notice" role="status">
        {t("closed")}
      </p>
    );
  return (
    <p class="actions quiet">
      <span>
        {t("rule")} {t(RULES[room.rule], { count: room.atLeast ?? 0 })} ·{" "}
        {t("closes", { at: time(room.closesAt) })}
      </span>
      {isHost && openHours < MOST_HOURS && (
        <button
          type="button"
          class="link"
          onClick={() =>
            change(() =>
              ask(EXTEND, { id: room.id, hours: Math.min(MOST_HOURS, Math.round(openHours) + 24) }),
            )
          }
        >
          {t("extendRoom")}
        </button>
      )}
      {isHost && (
        <button
          type="button"
          class="link"
          onClick={() => change(() => ask(CLOSE, { id: room.id }))}
        >
          {t("closeRoom")}
        </button>
      )}
    </p>
  );
}

/** The deck: the cards at hand, and the next ones when they are swiped away. */
function Deck({ room, voted }: { room: Inside; voted: (match: Found | null) => void }) {
  const cards = useSignal<Card[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const genres = useGenres();
  // A deck that is dealt while a vote is under way would show its card again.
  const turn = useMemo(inTurn, []);
  const deal = useCallback(async () => {
    refusal.value = null;
    try {
      const asker = { language: language.peek(), country: country() };
      cards.value = (await ask(DECK, { id: room.id, limit: CARDS, ...asker })).deck;
    } catch (error) {
      refusal.value = unreachable(error);
    }
  }, [room.id]);
  useEffect(() => void deal(), [deal]);

  const vote = useCallback(
    async (yes: boolean, seen: boolean) => {
      const card = cards.peek()?.[0];
      if (!card) return;
      cards.value = cards.peek()!.slice(1);
      try {
        const input = { roomId: room.id, movieId: card.id, vote: yes, ...(seen && { seen }) };
        const answer = await turn(() => ask(VOTE, { input }));
        voted(answer.vote.match);
      } catch (error) {
        cards.value = [card, ...(cards.peek() ?? [])];
        say(unreachable(error).message || t("unreachable"));
        return;
      }
      if (!cards.peek()?.length) await deal();
    },
    [room.id, deal],
  );

  if (refusal.value) return <Failure refusal={refusal.value} again={deal} />;
  if (!cards.value) return <p role="status">{t("loading")}</p>;
  const [card] = cards.value;
  if (card) return <Swipe key={card.id} card={card} genres={genres} vote={vote} />;
  return (
    <div class="notice">
      <p>{t("deckEmpty")}</p>
      {!isGuest.value && (
        <button
          type="button"
          onClick={() =>
            attempt(async () => {
              await ask(DEAL_MORE, { id: room.id, known: room.candidates.length });
              await deal();
            })
          }
        >
          {t("dealMore")}
        </button>
      )}
    </div>
  );
}

interface Choosable {
  movieId: number;
  mediaType: "MOVIE" | "TV";
  title: string;
  posterPath: string | null;
  likes: number;
}

/** Films that may end the evening: the host decides, the others propose. */
function Choices(props: {
  films: readonly Choosable[];
  room: Inside;
  decided: (decision: Decided) => void;
}) {
  const { room, decided } = props;
  const isHost = room.hostId === userId.value;
  const choose = async (movieId: number) => {
    if (isHost) return decided((await ask(DECIDE, { id: room.id, movieId })).decide);
    const { propose } = await ask(PROPOSE, { id: room.id, movieId });
    if (propose.decision) decided(propose.decision);
    else say(t("proposed", { supporters: propose.supporters, of: propose.of }));
  };
  const words = isHost ? t("decide") : t("propose");
  return (
    <ol class="choices">
      {props.films.map((film) => (
        <li key={film.movieId}>
          <Poster title={film.title} path={film.posterPath} size="w185" />
          <span>
            <a href={at("title", { mediaType: shelfType(film.mediaType), mediaId: film.movieId })}>
              {film.title}
            </a>
            <span class="quiet">{t("likesOf", { likes: film.likes, of: room.people.length })}</span>
          </span>
          {!isGuest.value && (
            <button
              type="button"
              aria-label={`${words}: ${film.title}`}
              onClick={() => attempt(() => choose(film.movieId))}
            >
              {words}
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Matches, and the films that are nearest to one. */
function Standings(props: {
  room: Inside;
  matches: readonly Found[];
  round: number;
  decided: (decision: Decided) => void;
}) {
  const { room, matches, round, decided } = props;
  const standings = useLoad(() => ask(STANDINGS, { id: room.id }), [room.id, round]);
  return (
    <>
      {matches.length > 0 && (
        <section>
          <h2>{t("matches")}</h2>
          <Choices films={matches} room={room} decided={decided} />
        </section>
      )}
      <section>
        <h2>{t("standings")}</h2>
        <Show of={standings}>
          {({ standings: nearest }) => {
            const agreed = new Set(matches.map(({ movieId }) => movieId));
            const films = nearest.filter(({ movieId }) => !agreed.has(movieId));
            return films.length ? (
              <Choices films={films} room={room} decided={decided} />
            ) : (
              <p class="quiet">{t("noStandings")}</p>
            );
          }}
        </Show>
      </section>
    </>
  );
}

const RULES = {
  ALL: "ruleAll",
  AT_LEAST: "ruleSoMany",
  NO_VETO: "ruleNoVeto",
} as const satisfies Record<Inside["rule"], Message>;

const HAPPENED: Partial<Record<FeedEntry["kind"], Message>> = {
  JOINED: "happenedJoined",
  LEFT: "happenedLeft",
  REMOVED: "happenedRemoved",
  MATCH: "happenedMatch",
  DEALT: "happenedDealt",
  PROPOSED: "happenedProposed",
  DECIDED: "happenedDecided",
  EXTENDED: "happenedExtended",
  CLOSED: "closed",
  INVITED: "happenedInvited",
};

/** The evening so far, the latest first. */
function Happened({ feed }: { feed: readonly FeedEntry[] }) {
  const told = feed.filter(({ kind }) => kind in HAPPENED).slice(-EVENTS);
  return (
    <section>
      <h2>{t("happened")}</h2>
      <ol class="rows" aria-live="polite">
        {told.reverse().map((entry) => (
          <li key={entry.seq}>
            {t(HAPPENED[entry.kind]!, {
              ...entry,
              name: entry.name ?? t("somebody"),
              at: entry.closesAt && time(entry.closesAt),
            })}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What everybody sees at once: a match, or the decision. */
function Announcement({
  heading,
  title,
  posterPath,
  close,
}: {
  heading: string;
  title: string;
  posterPath: string | null;
  close: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-label={heading} class="announcement">
      <p class="heading">{heading}</p>
      <Poster title={title} path={posterPath} size="w500" />
      <h2>{title}</h2>
      <form method="dialog">
        <button class="main">{t("goOn")}</button>
      </form>
    </dialog>
  );
}

function Open({
  room,
  matches,
  decision,
  again,
}: {
  room: Inside;
  matches: readonly Found[];
  decision: Decided | null;
  again: () => void;
}) {
  const { route } = useLocation();
  const known = useSignal(new Set(matches.map(({ matchId }) => matchId)));
  const shown = useSignal<Found | null>(null);
  const end = useSignal<Decided | null>(null);
  const round = useSignal(0);

  const matched = useCallback((match: Found | null) => {
    if (match && !known.peek().has(match.matchId)) {
      known.value = new Set(known.peek()).add(match.matchId);
      shown.value = match;
      again();
    }
    round.value += 1;
  }, []);
  // What was heard or missed is in what was read anew.
  useEffect(() => {
    for (const match of matches) matched(match);
  }, [matches]);
  const hadDecision = useSignal(decision?.decisionId);
  useEffect(() => {
    if (decision && decision.decisionId !== hadDecision.peek()) end.value = decision;
    hadDecision.value = decision?.decisionId;
  }, [decision?.decisionId]);

  const feed = useFeed(room.id, () => {
    again();
    round.value += 1;
  });

  // One at a time: the decision is the last word.
  const announced = end.value ?? shown.value;
  return (
    <>
      <People room={room} feed={feed.value} again={again} />
      <Closing room={room} again={again} />
      {decision && (
        <p class="decision" role="status">
          {t("decidedOn")}{" "}
          <a
            href={at("title", {
              mediaType: shelfType(decision.mediaType),
              mediaId: decision.movieId,
            })}
          >
            {decision.title}
          </a>
        </p>
      )}
      <div class="columns">
        {!room.closeReason && <Deck room={room} voted={matched} />}
        <div>
          <Invite code={room.code} />
          <Standings
            room={room}
            matches={matches}
            round={round.value}
            decided={(made) => {
              hadDecision.value = made.decisionId;
              end.value = made;
              again();
            }}
          />
          <Happened feed={feed.value} />
          {!isGuest.value && room.people.length > 1 && <KeepCrew roomId={room.id} />}
          <p class="actions">
            <button
              type="button"
              onClick={() =>
                attempt(async () => {
                  await ask(LEAVE, { id: room.id });
                  route(isGuest.value ? places.home : places.rooms);
                })
              }
            >
              {t("leaveRoom")}
            </button>
          </p>
        </div>
      </div>
      {announced && (
        <Announcement
          key={`${end.value ? "decision" : "match"} ${announced.title}`}
          heading={end.value ? t("decidedOn") : t("itsAMatch")}
          title={announced.title}
          posterPath={announced.posterPath}
          close={() => {
            end.value = null;
            shown.value = null;
          }}
        />
      )}
    </>
  );
}

export function RoomPage({ id }: { id: string }) {
  const room = useLoad(() => ask(ROOM, { id }), [id]);
  return (
    <main id="view" class="room">
      <h1>{t("room")}</h1>
      <Show of={room}>
        {({ getRoom, roomMatches, roomDecision }) => (
          <Open room={getRoom} matches={roomMatches} decision={roomDecision} again={room.again} />
        )}
      </Show>
    </main>
  );
}
