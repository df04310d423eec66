"""Move a title from a user's watchlist to their favourites, in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.domain.errors import WatchlistItemNotFound
from library.domain.titles import Entry, ListName, Removal
from library.ports import Change, EntryRepository, EventFactory
from library.use_cases.changes import RETRY, Added, ChangeFactory
from library.use_cases.find_titles import FindTitles
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.media import TitleKey
from matinee.observability import count
from matinee.retry import OptimisticRetry


@dataclass(frozen=True, slots=True)
class MoveToFavourites:
    """Removes a title from the watchlist and adds it to the favourites."""

    entries: EntryRepository
    events: EventFactory
    now: Clock = utc_now
    retry: OptimisticRetry = RETRY

    def __call__(self, user_id: str, key: TitleKey, trace: Trace) -> Added:
        """Move a title; return the favourite. One that is a favourite already keeps its time.

        Repeated, it changes nothing. Raises WatchlistItemNotFound when the title is on neither
        list, AccountDeleted, LibraryBusy, LibraryUnavailable.
        """
        return self.retry(lambda: self._move(user_id, key, trace))

    def find(self, user_id: str, media_id: int) -> Sequence[TitleKey]:
        """Return the titles of an id that may be meant: on the watchlist, else favourites."""
        for name in (ListName.WATCHLIST, ListName.FAVOURITES):
            if found := FindTitles(name, self.entries)(user_id, [media_id])[media_id]:
                return found
        return ()

    def _move(self, user_id: str, key: TitleKey, trace: Trace) -> Added:
        watched, liked = self.entries.get_entries(
            user_id, [(ListName.WATCHLIST, key), (ListName.FAVOURITES, key)]
        )
        if not isinstance(watched, Entry):
            if isinstance(liked, Entry):
                return Added(liked, new=False)
            raise WatchlistItemNotFound
        create = ChangeFactory(self.events, user_id, trace)
        changes: list[Change] = [create.remove(ListName.WATCHLIST, watched, self.now())]
        if isinstance(liked, Entry):
            favourite = liked
        else:
            favourite = Entry.at(watched.title, self.now())
            favourite = favourite.after(liked) if isinstance(liked, Removal) else favourite
            changes.append(create.add(ListName.FAVOURITES, favourite))
        self.entries.commit(user_id, changes)
        count("TitlesMoved")
        return Added(favourite, new=favourite is not liked)
