"""What operators send and get about refreshes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from catalog.domain import LAST_PAGE, ListProgress, ListState, Run, Scope


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
        description="lists: trending, popular and top_rated of films and series. everything: and"
        " the most popular of each genre.",
    )
    pages: Annotated[int, Field(strict=True, ge=1, le=LAST_PAGE)] | None = Field(
        default=None, description="Pages of twenty titles; left out: as many as a schedule reads."
    )


class RunId(_Camel):
    """Which refresh."""

    run_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] = Field(
        description="As POST /media/refresh has answered it."
    )


class ListReport(_Camel):
    """How far one list has come."""

    list_type: str
    media_type: Literal["movie", "tv"]
    genre_id: int | None = Field(description="null for a list that is no genre's.")
    state: ListState = Field(
        description="published: shown now. kept: what was shown before is still shown."
    )
    pages: int = Field(description="How many there are to read.")
    done: int
    failed: int = Field(description="Pages that were given up; redriven, they may still be done.")
    titles: int
    missed: int = Field(description="Titles whose details could not be had.")
    requests: int

    @classmethod
    def of(cls, progress: ListProgress) -> "ListReport":
        """Show a list's progress."""
        key = progress.key
        return cls(
            list_type=key.list_type,
            media_type=key.media_type.path,
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
    """How far a refresh has come. The sums are over `details`."""

    run_id: str
    scope: Scope
    state: Literal["running", "completed", "stuck"] = Field(
        description="stuck: nothing was done for half an hour, or not begun within three minutes."
    )
    started_at: datetime
    completed_at: datetime | None
    elapsed: float = Field(description="Seconds, until now or until it was completed.")
    idle: float = Field(description="Seconds since anything was done; 0 when it is completed.")
    lists: int
    lists_done: int = Field(description="Lists that are published or kept.")
    pages: int
    pages_done: int
    titles: int = Field(description="Rows of lists; a title on two of them counts twice.")
    failures: int = Field(description="Pages that failed, and titles without details.")
    requests: int = Field(description="Requests to TMDB, repeated ones among them.")
    details: tuple[ListReport, ...]

    @classmethod
    def of(cls, run: Run, now: datetime) -> "RefreshReport":
        """Show a run as it is now."""
        until = run.completed_at or now
        lists = run.lists
        state: Literal["running", "completed", "stuck"] = "completed"
        if run.completed_at is None:
            state = "running" if run.is_running(now) else "stuck"
        return cls(
            run_id=run.id,
            scope=run.scope,
            state=state,
            started_at=run.started_at,
            completed_at=run.completed_at,
            elapsed=round((until - run.started_at).total_seconds(), 1),
            idle=0.0 if run.completed_at else round((now - run.active_at).total_seconds(), 1),
            lists=len(lists),
            lists_done=sum(each.state is not ListState.RUNNING for each in lists),
            pages=sum(each.pages for each in lists),
            pages_done=sum(each.done for each in lists),
            titles=sum(each.titles for each in lists),
            failures=sum(each.failed + each.missed for each in lists),
            requests=sum(each.requests for each in lists),
            details=tuple(ListReport.of(each) for each in lists),
        )


class RefreshBegun(_Camel):
    """A refresh was begun."""

    run_id: str
    lists: int
