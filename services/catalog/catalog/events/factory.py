"""From what happened in the catalogue to the event that tells it; commands and their pages."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from catalog.domain import CachedTitle, ListKey, ListProgress, MediaType, PageOfRun
from catalog.events.published import CachedTitleFacts, ListRefreshed, RefreshPage, TitlesCached
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import new_id


def titles_cached(titles: Sequence[CachedTitle], trace: Trace) -> Envelope[Contract]:
    """Tell that some titles were stored; at most fifty."""
    data = TitlesCached(titles=[_facts(title) for title in titles])
    latest = max(title.cached_at for title in titles)
    event_id = new_id()
    return create_envelope(
        data,
        event_id=event_id,
        occurred_at=latest,
        trace=trace,
        idempotency_key=f"titles-cached:{event_id}",
    )


def size_in_event(title: CachedTitle) -> int:
    """Return how many bytes an event grows by for a title."""
    return len(_facts(title).model_dump_json(exclude_none=True).encode()) + 1


def list_refreshed(place: PageOfRun, progress: ListProgress, trace: Trace) -> Envelope[Contract]:
    """Tell that a list shows a new edition; `progress` was touched when it was complete."""
    refreshed_at = progress.touched_at or place.started_at
    data = ListRefreshed(
        run_id=place.run_id,
        list_type=place.key.list_type,
        media_type=place.key.media_type.path,
        genre_id=place.key.genre_id,
        titles=progress.titles,
        pages=progress.done,
        refreshed_at=refreshed_at,
    )
    return create_envelope(
        data,
        event_id=new_id(),
        occurred_at=refreshed_at,
        trace=trace,
        idempotency_key=f"list-refreshed:{place.run_id}:{place.key.name}:{progress.done}",
    )


def refresh_page(place: PageOfRun, trace: Trace) -> Envelope[Contract]:
    """Ask for a page. The same page of a run has the same id, however often it is asked for."""
    data = RefreshPage(
        run_id=place.run_id,
        started_at=place.started_at,
        list_type=place.key.list_type,
        media_type=place.key.media_type.path,
        genre_id=place.key.genre_id,
        page=place.page,
        pages=place.pages,
    )
    return create_envelope(
        data,
        event_id=str(uuid5(NAMESPACE_URL, f"urn:matinee:refresh:{place.holder}")),
        occurred_at=place.started_at,
        trace=trace,
        idempotency_key=f"refresh-page:{place.holder}",
    )


def asked_for(command: RefreshPage) -> PageOfRun:
    """Read which page a command asks for; raises ValueError when there is no such list."""
    key = ListKey(command.list_type, MediaType.of(command.media_type), command.genre_id)
    return PageOfRun(command.run_id, key, command.page, command.pages, command.started_at)


def _facts(cached: CachedTitle) -> CachedTitleFacts:
    title, facts = cached.title, cached.facts
    return CachedTitleFacts(
        media_type=title.media_type.path,
        media_id=title.id,
        title=title.title,
        overview=title.overview,
        poster_path=title.poster_path,
        backdrop_path=title.backdrop_path,
        release_date=title.release_date,
        genre_ids=list(title.genre_ids),
        original_language=title.original_language or None,
        popularity=title.popularity,
        vote_average=title.vote_average,
        vote_count=title.vote_count,
        runtime=facts.runtime,
        keywords=list(facts.keywords),
        directors=list(facts.directors),
        cast=list(facts.cast),
        cached_at=cached.cached_at,
        expires_at=cached.expires_at,
    )
