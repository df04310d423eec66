"""The events that the library consumes, by the function that reads them.

LibraryEraserFunction           auth's UserDeleted: the user's data is erased
LibraryTitleProjectorFunction   catalog's TitlesCached: what titles are called, and the rest that
                                lists show of them
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from library.domain.titles import TITLE_DETAILS, Title
from library.use_cases.describe_titles import CachedTitle, ProjectTitles
from library.use_cases.erase_user import UserDataEraser
from matinee.erasure import DeadlineExceeded
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.media import MediaType, TitleKey


class UserDeleted(Contract):
    """An account was deleted: the part of auth's contract that the library reads."""

    source: ClassVar[str] = "matinee.auth"

    user_id: str = Field(min_length=1, description="The Cognito sub of the deleted user.")


class CachedTitleFacts(BaseModel):
    """A title as the catalogue describes it: the part of its contract that lists show."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    media_type: MediaType
    media_id: int = Field(ge=1)
    title: str
    overview: str | None = None
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None
    popularity: float | None = None
    genre_ids: tuple[int, ...] = ()
    runtime: int | None = None
    original_language: str | None = None
    cached_at: AwareDatetime
    expires_at: AwareDatetime

    def to_cached_title(self) -> CachedTitle:
        """Return the title."""
        details = {name: getattr(self, name) for name in TITLE_DETAILS}
        details["overview"] = self.overview or None
        key = TitleKey(self.media_type, self.media_id)
        return CachedTitle(Title(key=key, **details), self.cached_at, self.expires_at)


class TitlesCached(Contract):
    """The catalogue has cached these titles."""

    source: ClassVar[str] = "matinee.catalog"

    titles: list[CachedTitleFacts]


CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {
    "LibraryEraserFunction": (UserDeleted,),
    "LibraryTitleProjectorFunction": (TitlesCached,),
}
"""The logical id of each consumer's function to the contracts that it reads."""

type Handle = Callable[[Envelope[Contract]], None]


def erase_deleted_users(eraser: UserDataEraser, requeue: Handle) -> Handle:
    """Return the handler of UserDeleted; `requeue` continues an erasure in a new invocation."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case UserDeleted(user_id=user_id):
                try:
                    eraser(user_id)
                except DeadlineExceeded:
                    requeue(event)
            case other:
                message = f"the eraser does not consume {other.event_type}"
                raise Unprocessable(message)

    return handle


def project_cached_titles(project: ProjectTitles) -> Handle:
    """Return the handler of TitlesCached."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case TitlesCached(titles=titles):
                project([title.to_cached_title() for title in titles])
            case other:
                message = f"the title projector does not consume {other.event_type}"
                raise Unprocessable(message)

    return handle
