"""The projection: what the library's and the catalogue's events say becomes the recommender's own.

What an event changes is decided where it is stored (`recommender.ports`): here it is only told.
"""

from dataclasses import dataclass

from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.observability import count, logger
from recommender.domain.taste import ListEntry
from recommender.domain.titles import TitleFacts, TitleKey
from recommender.events.consumed import CachedTitle as Told
from recommender.events.consumed import (
    EntryAdded,
    EntryEvent,
    FavouriteAdded,
    FavouriteRemoved,
    PreferencesUpdated,
    TitlesCached,
    UserDeleted,
)
from recommender.ports import (
    CachedTitle,
    TasteEraser,
    TasteList,
    TasteWriter,
    TitleWriter,
)


@dataclass(frozen=True, slots=True)
class TasteProjector:
    """Reacts to what users do in their libraries."""

    tastes: TasteWriter

    def handle(self, event: Envelope[Contract]) -> None:
        """Take in one event; one that is out of date changes nothing."""
        data = event.data
        if isinstance(data, PreferencesUpdated):
            changed = self.tastes.prefer(data.user_id, data.version, data.preferences)
        elif isinstance(data, EntryEvent):
            changed = self._project(data)
        else:
            message = f"{data.event_type} says nothing of a taste"
            raise Unprocessable(message)
        count("TastesProjected" if changed else "EventsOutOfDate")

    def _project(self, data: EntryEvent) -> bool:
        favourite = isinstance(data, FavouriteAdded | FavouriteRemoved)
        which = TasteList.FAVOURITES if favourite else TasteList.WATCHLIST
        key = TitleKey(data.media_type, data.media_id)
        if isinstance(data, EntryAdded):
            entry = ListEntry(key, data.added_at, data.title, tuple(data.genre_ids or ()))
            return self.tastes.add(data.user_id, which, entry)
        return self.tastes.remove(data.user_id, which, key, data.added_at)


@dataclass(frozen=True, slots=True)
class TitleProjector:
    """Reacts to titles that the catalogue has taken in."""

    titles: TitleWriter

    def handle(self, event: Envelope[Contract]) -> None:
        """Take in the titles of one event; those that are known in a later state stay."""
        data = event.data
        if not isinstance(data, TitlesCached):
            message = f"{data.event_type} tells no titles"
            raise Unprocessable(message)
        stored = sum(self.titles.upsert(_cached(title)) for title in data.titles)
        logger.info("titles_projected", extra={"told": len(data.titles), "stored": stored})
        count("TitlesProjected", stored)


@dataclass(frozen=True, slots=True)
class Eraser:
    """Reacts to accounts that are gone."""

    tastes: TasteEraser

    def handle(self, event: Envelope[Contract]) -> None:
        """Forget a user: first bar him, so that what comes late finds no place any more."""
        data = event.data
        if not isinstance(data, UserDeleted):
            message = f"{data.event_type} is none of the eraser's business"
            raise Unprocessable(message)
        self.tastes.block(data.user_id)
        erased = self.tastes.erase(data.user_id)
        logger.info("user_erased", extra={"entries": erased})
        count("UsersErased")


def _cached(told: Told) -> CachedTitle:
    return CachedTitle(
        facts=TitleFacts(
            key=TitleKey(told.media_type, told.media_id),
            title=told.title,
            overview=told.overview,
            poster_path=told.poster_path,
            backdrop_path=told.backdrop_path,
            release_date=told.release_date,
            genre_ids=tuple(told.genre_ids),
            original_language=told.original_language,
            popularity=told.popularity,
            vote_average=told.vote_average,
            vote_count=told.vote_count,
            runtime=told.runtime,
            keywords=tuple(told.keywords),
            directors=tuple(told.directors),
            cast=tuple(told.cast),
        ),
        cached_at=told.cached_at,
        expires_at=told.expires_at,
    )
