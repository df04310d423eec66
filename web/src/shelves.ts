/** The signed-in user's lists, so that every title can say whether it is on one. */

import { effect, signal } from "@preact/signals";
import { content, rest, type Entry, type MediaType } from "./api/rest";
import { userId } from "./session";

export type Shelf = "favourites" | "watchlist";

/** What a list needs to know of a title. */
export interface TitleRef {
  mediaId: string;
  mediaType: MediaType;
  title?: string | null;
  posterPath?: string | null;
}

const PAGE = 100;
const keyOf = (title: TitleRef) => `${title.mediaType}/${title.mediaId}`;

const shelves = {
  favourites: signal<ReadonlyMap<string, Entry> | null>(null),
  watchlist: signal<ReadonlyMap<string, Entry> | null>(null),
};

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
  const owner = userId.peek();
  if (!owner) return;
  const entries = await read(shelf);
  if (userId.peek() === owner) shelves[shelf].value = entries;
}

let owner: string | null = null;
effect(() => {
  if (userId.value === owner) return;
  owner = userId.value;
  for (const shelf of ["favourites", "watchlist"] as const) {
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
  const ref = { mediaId: title.mediaId, mediaType: title.mediaType };
  if (wanted) {
    changed.clear();
    changed.set(keyOf(title), { ...title, addedAt: new Date().toISOString() } as Entry);
    for (const [key, entry] of before) changed.set(key, entry);
  } else changed.delete(keyOf(title));
  shelves[shelf].value = changed;
  try {
    if (wanted) {
      const { item } = await content(rest.POST(`/user/${shelf}`, { body: ref }));
      shelves[shelf].value = new Map(shelves[shelf].peek()).set(keyOf(title), item);
    } else await content(rest.DELETE(`/user/${shelf}`, { params: { query: ref } }));
  } catch (error) {
    shelves[shelf].value = before;
    throw error;
  }
}
