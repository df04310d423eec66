"""What the service consumes: which contracts each consumer reads, and what it does with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import AwareDatetime, Field

from catalog.domain import PageTask
from catalog.domain.errors import TmdbRefused
from catalog.events.published import RefreshPage
from catalog.ports import WatchedTitles
from catalog.use_cases.refresh_page import PageRefresher, UnknownRun
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from matinee.observability import count

type Handle = Callable[[Envelope[Contract]], None]


class WatchlistItemAdded(Contract):
    """A title was put on a watchlist: the library's contract, without whose it is."""

    source: ClassVar[str] = "matinee.library"

    media_type: MediaType
    media_id: int = Field(ge=1)
    added_at: AwareDatetime


CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {
    "RefreshWorkerFunction": (RefreshPage,),
    "WatchedTitlesFunction": (WatchlistItemAdded,),
}
"""The contracts that each function behind a queue reads, by its logical id in the template."""


def add_watched_titles(watched: WatchedTitles) -> Handle:
    """Return the handler of WatchlistItemAdded."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case WatchlistItemAdded(media_type=media_type, media_id=id_, added_at=at):
                watched.add(TitleKey(media_type, id_), at)
                count("TitlesWatched")
            case other:
                message = f"nobody watches by {other.event_type}"
                raise Unprocessable(message)

    return handle


@dataclass(frozen=True, slots=True)
class RefreshPageConsumer:
    """Passes each command to the use case."""

    pages: PageRefresher

    def handle(self, envelope: Envelope[Contract]) -> None:
        """Refresh a command's page; raise Unprocessable when no retry can succeed."""
        try:
            self.pages.refresh(_task(envelope), Trace.child(envelope))
        except UnknownRun as error:
            message = "this run has no record"
            raise Unprocessable(message) from error
        except TmdbRefused as error:
            message = f"TMDB refuses this page: {error.message}"
            raise Unprocessable(message) from error

    def give_up(self, envelope: Envelope[Contract]) -> None:
        """Continue with a list without this page; raise Unprocessable if there is no such list."""
        self.pages.give_up(_task(envelope), Trace.child(envelope))


def _task(envelope: Envelope[Contract]) -> PageTask:
    if not isinstance(envelope.data, RefreshPage):
        message = f"{envelope.metadata.event_type} is no command of the refresh"
        raise Unprocessable(message)
    try:
        return envelope.data.as_task()
    except ValueError as error:
        raise Unprocessable(str(error)) from error
