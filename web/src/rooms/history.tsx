/** The evenings that led somewhere: what each room agreed on, and what it decided. */

import { useSignal } from "@preact/signals";
import { ask } from "../api/graphql";
import { t, time } from "../language";
import { shelfType } from "../places";
import { Show, useLoad } from "../ui/load";
import { Grid, TitleCard } from "../ui/title";
import { MY_DECISIONS, MY_MATCHES, type Decided, type Found } from "./documents";

const PAGE = 100;
/** How many are shown before somebody asks for more. */
const SHOWN = 5;

export interface Evening {
  roomId: string;
  /** Of the latest of them. */
  at: string;
  decision: Decided | null;
  /** Without the film that was decided on. */
  matches: Found[];
}

/** Put matches and decisions together by their rooms, the latest evening first. */
export function evenings(matches: readonly Found[], decisions: readonly Decided[]): Evening[] {
  const rooms = new Map<string, Evening>();
  const of = (roomId: string) => {
    const evening = rooms.get(roomId) ?? { roomId, at: "", decision: null, matches: [] };
    rooms.set(roomId, evening);
    return evening;
  };
  const latest = (evening: Evening, at: string) => {
    if (at > evening.at) evening.at = at;
  };
  for (const decision of decisions) {
    const evening = of(decision.roomId);
    evening.decision = decision;
    latest(evening, decision.timestamp);
  }
  for (const match of matches) {
    const evening = of(match.roomId);
    latest(evening, match.timestamp);
    if (match.movieId !== evening.decision?.movieId) evening.matches.push(match);
  }
  return [...rooms.values()].sort((one, other) => (one.at < other.at ? 1 : -1));
}

/** Read page by page; `next` returns what follows an id. */
export async function all<Item>(
  next: (after: string | null) => Promise<readonly Item[]>,
  idOf: (item: Item) => string,
): Promise<Item[]> {
  const found: Item[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await next(last ? idOf(last) : null);
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

async function read(): Promise<Evening[]> {
  const [matches, decisions] = await Promise.all([
    all(
      async (after) => (await ask(MY_MATCHES, { after })).getMyMatches,
      (match) => match.matchId,
    ),
    all(
      async (after) => (await ask(MY_DECISIONS, { after })).getMyDecisions,
      (decision) => decision.decisionId,
    ),
  ]);
  return evenings(matches, decisions);
}

const shown = (film: Found | Decided) => ({
  ...film,
  mediaId: String(film.movieId),
  mediaType: shelfType(film.mediaType) as "movie" | "tv",
});

export function History() {
  const found = useLoad(read, []);
  const count = useSignal(SHOWN);
  return (
    <section>
      <h2>{t("history")}</h2>
      <Show of={found}>
        {(past) =>
          past.length ? (
            <>
              {past.slice(0, count.value).map(({ roomId, at, decision, matches }) => (
                <section key={roomId} class="evening">
                  <h3>{time(at)}</h3>
                  <Grid label={`${t("history")}: ${time(at)}`}>
                    {decision && (
                      <TitleCard title={shown(decision)}>
                        <span class="reason">
                          {t(decision.by === "HOST" ? "decidedByHost" : "decidedByMajority")}
                        </span>
                      </TitleCard>
                    )}
                    {matches.map((match) => (
                      <TitleCard key={match.matchId} title={shown(match)}>
                        <span class="reason">{t("likedBy", { count: match.likes })}</span>
                      </TitleCard>
                    ))}
                  </Grid>
                </section>
              ))}
              {past.length > count.value && (
                <button type="button" class="more" onClick={() => (count.value += SHOWN)}>
                  {t("more")}
                </button>
              )}
            </>
          ) : (
            <p class="quiet">{t("noEvenings")}</p>
          )
        }
      </Show>
    </section>
  );
}
