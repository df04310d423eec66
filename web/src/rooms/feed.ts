/** What happens in a room, in order and without gaps, also over a connection that drops. */

import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, connected, listen } from "../api/graphql";
import { t } from "../language";
import { Refusal } from "../refusal";
import { attempt, say } from "../ui/toast";
import { FEED, HEARTBEAT, ROOM_FEED, type FeedEntry } from "./documents";

const PAGE = 100;
const HEARTBEAT_MILLISECONDS = 10_000;

/** Hand each entry on once, in the order of its number; `hear` learns whether it was there before. */
export class Follower {
  #last = 0;
  #reading: Promise<void> | null = null;

  constructor(
    private readonly read: (after: number) => Promise<readonly FeedEntry[]>,
    private readonly hear: (entry: FeedEntry, past: boolean) => void,
  ) {}

  /** An entry has arrived, perhaps twice, perhaps after one that was lost. */
  async arrive(entry: FeedEntry): Promise<void> {
    if (entry.seq === this.#last + 1 && !this.#reading) this.#take(entry, false);
    else if (entry.seq > this.#last) await this.catchUp();
  }

  /** Read what followed the last entry; whoever asks meanwhile waits for the same. */
  async catchUp(past = false): Promise<void> {
    this.#reading ??= this.#readOn(past).finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  async #readOn(past: boolean): Promise<void> {
    for (;;) {
      const entries = await this.read(this.#last);
      for (const entry of entries) this.#take(entry, past);
      if (entries.length < PAGE) return;
    }
  }

  #take(entry: FeedEntry, past: boolean): void {
    if (entry.kind !== "RESET" && entry.seq <= this.#last) return;
    this.#last = entry.seq;
    this.hear(entry, past);
  }
}

/** The latest entries of a room; `changed` is called when the room should be read anew. */
export function useFeed(roomId: string, changed: () => void): ReadonlySignal<readonly FeedEntry[]> {
  const entries = useSignal<readonly FeedEntry[]>([]);
  useEffect(() => {
    entries.value = [];
    const follower = new Follower(
      async (after) => (await ask(FEED, { id: roomId, after, limit: PAGE })).roomFeed,
      (entry, past) => {
        entries.value = [...entries.peek(), entry].slice(-PAGE);
        if (!past && entry.kind !== "PROGRESS") changed();
      },
    );
    const stop = listen(
      ROOM_FEED,
      { id: roomId },
      ({ roomFeed }) => roomFeed && attempt(() => follower.arrive(roomFeed)),
      (refusal: Refusal) => say(refusal.message || t("unreachable")),
    );
    void attempt(() => follower.catchUp(true));
    // The first connection, and each one after a pause.
    const unsubscribe = connected.subscribe((now) => {
      if (now) void attempt(() => follower.catchUp());
    });
    const beat = async () => {
      if (document.hidden || !navigator.onLine) return;
      // Whoever is not heard of is shown as away until the next one: there is nothing to say here.
      await ask(HEARTBEAT, { id: roomId }).catch(() => undefined);
    };
    void beat();
    const timer = setInterval(beat, HEARTBEAT_MILLISECONDS);
    return () => {
      stop();
      unsubscribe();
      clearInterval(timer);
    };
  }, [roomId]);
  return entries;
}
