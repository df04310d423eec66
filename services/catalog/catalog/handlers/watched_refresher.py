"""WatchedRefresherFunction: titles on watchlists, every hour, or at once with `maxAgeHours` 0."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.api.refresh_schemas import ScheduledWatched
from catalog.bootstrap import watched_refresher
from matinee.events.envelope import Trace
from matinee.observability import entry_point
from matinee.validation import validate

SPARE_MILLISECONDS = 60_000
"""For the batch that has been begun: its requests to TMDB end before."""


@entry_point(prepare=watched_refresher)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int | bool]:
    """Refresh what is due; return how many titles were looked at, and whether that was all."""
    done = watched_refresher()(
        lambda: context.get_remaining_time_in_millis() > SPARE_MILLISECONDS,
        Trace.from_headers(None),
        validate(ScheduledWatched, event).max_age,
    )
    return {"titles": done.titles, "requested": done.requested, "isComplete": done.is_complete}
