"""Requests and responses of the operators' routes about refreshes."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from catalog.domain import LAST_PAGE, ListProgress, ListState, Run, Scope
from catalog.use_cases.refresh_watched import WATCHED_MAX_AGE
from matinee.field_types import UtcTime
from matinee.media import MediaType


class _Camel(BaseModel):
    model_config = ConfigDict(
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )


class RefreshRequest(_Camel):
    """Which lists to refresh, and how many pages of each."""

    scope: Scope = Field(
        default=Scope.LISTS,
        description="lists: trending, popular and top_rated of films and series. everything: also"
        " the most popular titles of each genre.",
    )
    pages: Annotated[int, Field(strict=True, ge=1, le=LAST_PAGE)] | None = Field(
        default=None, description="Pages of twenty titles. Default: as many as a schedule reads."
    )


class ScheduledRefresh(BaseModel):
    """The event of a schedule."""

    refresh: Scope


class ScheduledWatched(_Camel):
    """The event of the schedule of titles on watchlists."""

    max_age_hours: Annotated[float, Field(ge=0, le=8_760)] = Field(
        default=WATCHED_MAX_AGE / timedelta(hours=1),
        description="Titles that were looked at since are left out; 0: all are looked at.",
    )

    @property
    def max_age(self) -> timedelta:
        """The same as a time."""
        return timedelta(hours=self.max_age_hours)


class RunId(_Camel):
    """A refresh."""

    run_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] = Field(
        description="The `runId` of POST /media/refresh."
    )


class ListReport(_Camel):
    """The progress of one list."""

    list_type: str
    media_type: MediaType
    genre_id: int | None = Field(description="null for a list of all genres.")
    state: ListState = Field(
        description="published: shown now. kept: the previous version is still shown."
    )
    pages: int = Field(description="How many pages there are to read.")
    done: int
    failed: int = Field(description="Pages that were given up; redriven, they may still be done.")
    titles: int
    missed: int = Field(description="Titles whose details could not be fetched.")
    requests: int

    @classmethod
    def from_progress(cls, progress: ListProgress) -> Self:
        """Return a list's progress."""
        key = progress.key
        return cls(
            list_type=key.list_type,
            media_type=key.media_type,
            genre_id=key.genre_id,
            state=progress.state,
            pages=progress.pages,
            done=progress.done,
            failed=progress.failed,
            titles=progress.titles,
            missed=progress.missed,
            requests=progress.requests,
        )


class RefreshReport(_Camel):
    """The progress of a refresh. The sums are over `details`."""

    run_id: str
    scope: Scope
    state: Literal["running", "completed", "stuck"] = Field(
        description="stuck: no progress for half an hour, or none in its first three minutes."
    )
    started_at: UtcTime
    completed_at: UtcTime | None
    elapsed: float = Field(description="Seconds, until now or until it was completed.")
    idle: float = Field(description="Seconds since the last progress; 0 when it is completed.")
    lists: int
    lists_done: int = Field(description="Lists that are published or kept.")
    pages: int
    pages_done: int
    titles: int = Field(description="Rows of lists; a title on two of them counts twice.")
    failures: int = Field(description="Pages that failed, and titles without details.")
    requests: int = Field(description="Requests to TMDB, including retries.")
    details: tuple[ListReport, ...]

    @classmethod
    def from_run(cls, run: Run, now: datetime) -> Self:
        """Return a run's progress as of now."""
        until = run.completed_at or now
        lists = run.lists
        state: Literal["running", "completed", "stuck"] = "completed"
        if run.completed_at is None:
            state = "running" if run.is_running(now) else "stuck"
        idle = 0.0 if run.completed_at else (now - run.last_activity_at).total_seconds()
        return cls(
            run_id=run.id,
            scope=run.scope,
            state=state,
            started_at=run.started_at,
            completed_at=run.completed_at,
            elapsed=round((until - run.started_at).total_seconds(), 1),
            idle=round(idle, 1),
            lists=len(lists),
            lists_done=sum(each.state is not ListState.RUNNING for each in lists),
            pages=sum(each.pages for each in lists),
            pages_done=sum(each.done for each in lists),
            titles=sum(each.titles for each in lists),
            failures=sum(each.failed + each.missed for each in lists),
            requests=sum(each.requests for each in lists),
            details=tuple(map(ListReport.from_progress, lists)),
        )


class RefreshStarted(_Camel):
    """A refresh was started."""

    run_id: str
    lists: int
