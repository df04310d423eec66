"""The mapping from an event to the call of a use case."""

from collections.abc import Mapping
from dataclasses import fields

from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.media import MediaType, TitleKey
from matinee.observability import count
from recommender.domain.taste import ListEntry, Swipe, TasteList
from recommender.domain.titles import TitleFacts, TitleSnapshot
from recommender.events.consumed import (
    CachedTitle,
    EntryAdded,
    EntryEvent,
    FavouriteAdded,
    FavouriteRemoved,
    PreferencesUpdated,
    TitleDismissed,
    TitleReconsidered,
    TitlesCached,
    TitleSeen,
    TitleUnseen,
    UserDeleted,
    VoteCast,
    WatchlistItemAdded,
    WatchlistItemRemoved,
)
from recommender.use_cases.erase_user import EraseUser
from recommender.use_cases.project_tastes import ProjectSwipes, ProjectTastes
from recommender.use_cases.project_titles import ProjectTitles

_LISTS: Mapping[type[EntryEvent], TasteList] = {
    FavouriteAdded: TasteList.FAVOURITES,
    FavouriteRemoved: TasteList.FAVOURITES,
    WatchlistItemAdded: TasteList.WATCHLIST,
    WatchlistItemRemoved: TasteList.WATCHLIST,
    TitleSeen: TasteList.SEEN,
    TitleUnseen: TasteList.SEEN,
    TitleDismissed: TasteList.DISMISSED,
    TitleReconsidered: TasteList.DISMISSED,
}
_FACTS = tuple(field.name for field in fields(TitleFacts) if field.name != "key")


def handle_library_event(project: ProjectTastes, event: Envelope[Contract]) -> None:
    """Handle a change of a user's lists or preferences."""
    match event.data:
        case PreferencesUpdated(user_id=user_id, version=version, preferences=preferences):
            project.update_preferences(user_id, version, preferences)
        case EntryAdded() as data:
            genre_ids = tuple(data.genre_ids or ())
            opinion = data.opinion if isinstance(data, TitleSeen) else None
            entry = ListEntry(_key(data), data.added_at, data.title, genre_ids, opinion)
            project.add_entry(data.user_id, _list(data), entry)
        case EntryEvent() as data:
            project.remove_entry(data.user_id, _list(data), _key(data), data.added_at)
        case data:
            raise _unprocessable(data)


def handle_vote_cast(project: ProjectSwipes, event: Envelope[Contract]) -> None:
    """Handle a vote in a room. Those of before VoteCast 1.2 name no media type: they are lost."""
    match event.data:
        case VoteCast(media_type=None):
            count("VotesWithoutMediaType")
        case VoteCast(media_type=MediaType() as media_type) as vote:
            key, at = TitleKey(media_type, vote.movie_id), event.metadata.occurred_at
            swipe = Swipe(key, vote.room_id, vote.tally_version, at, vote.vote)
            project(vote.user_id, swipe)
        case data:
            raise _unprocessable(data)


def handle_titles_cached(project: ProjectTitles, event: Envelope[Contract]) -> None:
    """Handle titles that the catalogue has cached."""
    match event.data:
        case TitlesCached(titles=titles, provider_names=names):
            project(list(map(_snapshot, titles)), names)
        case data:
            raise _unprocessable(data)


def handle_user_deleted(erase: EraseUser, event: Envelope[Contract]) -> None:
    """Handle the deletion of an account."""
    match event.data:
        case UserDeleted(user_id=user_id):
            erase(user_id)
        case data:
            raise _unprocessable(data)


def _key(data: EntryEvent) -> TitleKey:
    return TitleKey(data.media_type, data.media_id)


def _list(data: EntryEvent) -> TasteList:
    return _LISTS[type(data)]


def _snapshot(title: CachedTitle) -> TitleSnapshot:
    facts = TitleFacts(
        TitleKey(title.media_type, title.media_id),
        **{name: getattr(title, name) for name in _FACTS},
    )
    return TitleSnapshot(facts, title.cached_at, title.expires_at)


def _unprocessable(data: Contract) -> Unprocessable:
    message = f"{data.event_type} is not handled here"
    return Unprocessable(message)
