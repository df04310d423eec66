"""Create the service's events and the commands of its work queue."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from uuid import NAMESPACE_URL, uuid5

from catalog.domain import CachedTitle, ListProgress, PageTask, Provider
from catalog.domain.availability import CountryChange
from catalog.events.published import (
    AvailabilityChanged,
    CachedTitleFacts,
    CountryAvailability,
    ListRefreshed,
    RefreshPage,
    TitlesCached,
    TrailerFacts,
)
from matinee.clock import iso
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import new_id


def titles_cached(titles: Sequence[CachedTitle], trace: Trace) -> Envelope[Contract]:
    """Create the event that some titles were stored; at most fifty."""
    event_id = new_id()
    return create_envelope(
        TitlesCached(
            titles=[_facts(title) for title in titles],
            provider_names=_names(_providers(titles)) or None,
        ),
        event_id=event_id,
        occurred_at=max(title.cached_at for title in titles),
        trace=trace,
        idempotency_key=f"titles-cached:{event_id}",
    )


def size_in_event(title: CachedTitle) -> int:
    """Return how many bytes of an event a title takes, at most: its providers' names included."""
    names = json.dumps(_names(_providers([title])), ensure_ascii=False)
    return len((_facts(title).model_dump_json(exclude_none=True) + names).encode()) + 1


def availability_changed(
    cached: CachedTitle, changes: Sequence[CountryChange], trace: Trace
) -> Envelope[Contract]:
    """Create the event that other providers than before stream a title."""
    title = cached.title
    providers = [one for each in changes for one in (*each.went, *each.providers)]
    return create_envelope(
        AvailabilityChanged(
            media_type=title.media_type,
            media_id=title.id,
            title=title.title,
            poster_path=title.poster_path,
            countries=[
                CountryAvailability(
                    country=each.country,
                    came=_ids(each.came),
                    went=_ids(each.went),
                    providers=_ids(each.providers),
                )
                for each in changes
            ],
            names=_names(providers),
            changed_at=cached.cached_at,
        ),
        event_id=new_id(),
        occurred_at=cached.cached_at,
        trace=trace,
        idempotency_key=f"availability-changed:{title.media_type}:{title.id}:{iso(cached.cached_at)}",
    )


def list_refreshed(task: PageTask, progress: ListProgress, trace: Trace) -> Envelope[Contract]:
    """Create the event that a new version of a list is shown."""
    refreshed_at = progress.updated_at or task.started_at
    data = ListRefreshed(
        list_id=task.key.name,
        run_id=task.run_id,
        list_type=task.key.list_type,
        media_type=task.key.media_type,
        genre_id=task.key.genre_id,
        titles=progress.titles,
        pages=progress.done,
        refreshed_at=refreshed_at,
    )
    return create_envelope(
        data,
        event_id=new_id(),
        occurred_at=refreshed_at,
        trace=trace,
        idempotency_key=f"list-refreshed:{task.run_id}:{task.key.name}:{progress.done}",
    )


def refresh_page(task: PageTask, trace: Trace) -> Envelope[Contract]:
    """Create the command to refresh a page. The same page of a run always has the same id."""
    data = RefreshPage(
        run_id=task.run_id,
        started_at=task.started_at,
        list_type=task.key.list_type,
        media_type=task.key.media_type,
        genre_id=task.key.genre_id,
        page=task.page,
        pages=task.pages,
    )
    return create_envelope(
        data,
        event_id=str(uuid5(NAMESPACE_URL, f"urn:matinee:refresh:{task.id}")),
        occurred_at=task.started_at,
        trace=trace,
        idempotency_key=f"refresh-page:{task.id}",
    )


def _providers(titles: Iterable[CachedTitle]) -> Iterator[Provider]:
    for title in titles:
        for providers in (title.facts.providers or {}).values():
            yield from providers


def _names(providers: Iterable[Provider]) -> dict[str, str]:
    return {str(provider.id): provider.name for provider in providers}


def _ids(providers: Sequence[Provider]) -> list[int]:
    return [provider.id for provider in providers]


def _facts(cached: CachedTitle) -> CachedTitleFacts:
    title, facts = cached.title, cached.facts
    return CachedTitleFacts(
        media_type=title.media_type,
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
        trailer=TrailerFacts(**asdict(facts.trailer)) if facts.trailer else None,
        providers={
            country: [provider.id for provider in providers]
            for country, providers in (facts.providers or {}).items()
        }
        or None,
        certifications=dict(facts.certifications) or None,
        cached_at=cached.cached_at,
        expires_at=cached.expires_at,
    )
