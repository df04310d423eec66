"""What the service consumes: which contracts each consumer reads, and what it does with them."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.domain import PageTask
from catalog.domain.errors import TmdbRefused
from catalog.events.published import RefreshPage
from catalog.use_cases.refresh_page import PageRefresher, UnknownRun
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace

CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {"RefreshWorkerFunction": (RefreshPage,)}
"""The contracts that each function behind a queue reads, by its logical id in the template."""


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
