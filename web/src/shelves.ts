/** The signed-in user's lists, so that every title can say whether it is on one. */

import { effect, signal } from "@preact/signals";
import { content, rest, type Entry, type MediaType } from "./api/rest";
import { memberId } from "./session";

export const SHELVES = ["favourites", "watchlist", "seen", "dismissed"] as const;
export type Shelf = (typeof SHELVES)[number];

/** What a list needs to know of a title. */
export interface TitleRef {
  mediaId: string;
  mediaType: MediaType;
  title?: string | null;
  posterPath?: string | null;
}

const PAGE = 100;
const keyOf = (title: TitleRef) => `${title.mediaType}/${title.mediaId}`;

const unread = () => signal<ReadonlyMap<string, Entry> | null>(null);
const shelves = {
  favourites: unread(),
  watchlist: unread(),
  seen: unread(),
  dismissed: unread(),
} satisfies Record<Shelf, unknown>;

/** Read a whole list, page by page, newest first. */
async function read(shelf: Shelf): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  let cursor: string | undefined;
  do {
    const query = cursor ? { limit: PAGE, cursor } : { limit: PAGE };
    const page = await content(rest.GET(`/user/${shelf}`, { params: { query } }));
    for (const entry of page.items) entries.set(keyOf(entry), entry);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return entries;
}

/** Read a list anew; what it holds stays as it is until the answer is here. */
export async function load(shelf: Shelf): Promise<void> {
  const owner = memberId.peek();
  if (!owner) return;
  const entries = await read(shelf);
  if (memberId.peek() === owner) shelves[shelf].value = entries;
}

let owner: string | null = null;
effect(() => {
  if (memberId.value === owner) return;
  owner = memberId.value;
  for (const shelf of SHELVES) {
    shelves[shelf].value = null;
    // A list that could not be read is read when its page is opened; until then no title says that it is on it.
    load(shelf).catch(() => undefined);
  }
});

/** The entries, newest first; null until they are known. */
export const entries = (shelf: Shelf): Entry[] | null =>
  shelves[shelf].value ? [...shelves[shelf].value.values()] : null;

export const isOn = (shelf: Shelf, title: TitleRef) =>
  shelves[shelf].value?.has(keyOf(title)) ?? false;

/** Add a title, or remove it. The list shows it at once, and as it was if the product refuses; then this throws. */
export async function put(shelf: Shelf, title: TitleRef, wanted: boolean): Promise<void> {
  const before = shelves[shelf].peek() ?? new Map<string, Entry>();
  const changed = new Map(before);
  const path = { mediaType: title.mediaType, mediaId: Number(title.mediaId) };
  if (wanted) {
    changed.clear();
    changed.set(keyOf(title), { ...title, addedAt: new Date().toISOString() } as Entry);
    for (const [key, entry] of before) changed.set(key, entry);
  } else changed.delete(keyOf(title));
  shelves[shelf].value = changed;
  try {
    const send = wanted ? rest.PUT : rest.DELETE;
    await content(send(`/user/${shelf}/{mediaType}/{mediaId}`, { params: { path } }));
  } catch (error) {
    shelves[shelf].value = before;
    throw error;
  }
}
