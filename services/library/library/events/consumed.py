"""The events that the library consumes, by the function that reads them.

LibraryEraserFunction           auth's UserDeleted: the user's data is erased
LibraryTitleProjectorFunction   catalog's TitlesCached: what titles are called, who streams them,
                                and the rest that lists show of them
ListKeeperFunction              rooms' VoteCast, if the title is seen, MatchFound and RoomDecided:
                                titles are put on the lists of those who were there
ImportWorkerFunction            the library's own commands: parts of imports are processed
WatchlistMatcherFunction        catalog's AvailabilityChanged: those who wait for a title are told
                                that they can stream it
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from library.domain.availability import AvailabilityChange, CountryChange
from library.domain.errors import AccountDeleted
from library.domain.titles import TITLE_DETAILS, CachedTitle, ListName, Title
from library.events.published import ProcessImportPart
from library.use_cases.describe_titles import ProjectTitles
from library.use_cases.erase_user import UserDataEraser
from library.use_cases.import_rows import ORPHAN_AGE, ImportAbsent, ImportRows
from library.use_cases.keep_titles import KeepMatch, KeepTitle
from library.use_cases.match_watchlists import WatchlistMatcher
from matinee.clock import Clock, utc_now
from matinee.erasure import DeadlineExceeded
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.local_facts import LocalFacts
from matinee.media import MediaType, TitleKey
from matinee.observability import count


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
    providers: Mapping[str, list[int]] = {}
    cached_at: AwareDatetime
    expires_at: AwareDatetime

    def to_cached_title(self) -> CachedTitle:
        """Return the title."""
        details = {name: getattr(self, name) for name in TITLE_DETAILS}
        details["overview"] = self.overview or None
        key = TitleKey(self.media_type, self.media_id)
        local = LocalFacts.of({}, self.providers)
        return CachedTitle(Title(key=key, **details), self.cached_at, self.expires_at, local)


class TitlesCached(Contract):
    """The catalogue has cached these titles."""

    source: ClassVar[str] = "matinee.catalog"

    titles: list[CachedTitleFacts]
    provider_names: Mapping[int, str] = {}


class RoomsContract(Contract):
    """An event of the rooms."""

    source: ClassVar[str] = "matinee.rooms"

    movie_id: int = Field(ge=1)


class VoteCast(RoomsContract):
    """A participant voted on a title: the part of the contract that says what they have seen."""

    user_id: str = Field(min_length=1)
    media_type: MediaType | None = None
    seen: bool | None = None
    title: str | None = None
    poster_path: str | None = None


class NamedTitle(RoomsContract):
    """An event about a title that a room shows."""

    media_type: MediaType
    title: str
    poster_path: str | None = None

    def to_title(self) -> Title:
        """Return the title."""
        key = TitleKey(self.media_type, self.movie_id)
        return Title(key=key, title=self.title, poster_path=self.poster_path)


class MatchFound(NamedTitle):
    """A room agreed on a title."""

    matched_users: list[str]
    matched_at: AwareDatetime


class RoomDecided(NamedTitle):
    """A room decided what to watch."""

    participants: list[str]
    decided_at: AwareDatetime


class CountryAvailability(BaseModel):
    """What changed in a country."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    country: str
    came: tuple[int, ...]
    went: tuple[int, ...]
    providers: tuple[int, ...]


class Continuation(BaseModel):
    """Where an earlier message of the same event ended, and that event's id."""

    after: str
    event_id: str


class AvailabilityChanged(Contract):
    """Other providers than before stream a title: the part of the contract that the library reads.

    `continuation` is the library's own, in messages that it sends to itself.
    """

    source: ClassVar[str] = "matinee.catalog"

    media_type: MediaType
    media_id: int = Field(ge=1)
    title: str
    poster_path: str | None = None
    countries: list[CountryAvailability]
    names: dict[str, str]
    changed_at: AwareDatetime
    continuation: Continuation | None = None

    def to_change(self) -> AvailabilityChange:
        """Return the change."""
        return AvailabilityChange(
            key=TitleKey(self.media_type, self.media_id),
            title=self.title,
            poster_path=self.poster_path,
            countries={
                each.country: CountryChange(each.came, each.providers, each.went)
                for each in self.countries
            },
            names={int(id_): name for id_, name in self.names.items()},
            changed_at=self.changed_at,
        )


CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {
    "LibraryEraserFunction": (UserDeleted,),
    "LibraryTitleProjectorFunction": (TitlesCached,),
    "ListKeeperFunction": (VoteCast, MatchFound, RoomDecided),
    "ImportWorkerFunction": (ProcessImportPart,),
    "WatchlistMatcherFunction": (AvailabilityChanged,),
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
            case TitlesCached(titles=titles, provider_names=names):
                project([title.to_cached_title() for title in titles], names)
            case other:
                message = f"the title projector does not consume {other.event_type}"
                raise Unprocessable(message)

    return handle


def keep_titles_of_rooms(keep_title: KeepTitle, keep_match: KeepMatch) -> Handle:
    """Return the handler of what happens in rooms.

    Votes of before VoteCast 1.2 name no type, and those of before 1.4 no title.
    """

    def handle(event: Envelope[Contract]) -> None:
        trace = Trace.caused_by(event)
        match event.data:
            case VoteCast(seen=True, media_type=MediaType() as media_type) as vote:
                key = TitleKey(media_type, vote.movie_id)
                title = Title(key=key, title=vote.title, poster_path=vote.poster_path)
                at = event.metadata.occurred_at
                keep_title(vote.user_id, ListName.SEEN, title, at, trace)
            case VoteCast():
                pass
            case MatchFound(matched_users=users, matched_at=at) as match:
                keep_match(users, match.to_title(), at, trace)
            case RoomDecided(participants=users, decided_at=at) as decision:
                keep_match(users, decision.to_title(), at, trace)
            case other:
                message = f"the list keeper does not consume {other.event_type}"
                raise Unprocessable(message)

    return handle


def match_watchlists(match_part: WatchlistMatcher, requeue: Handle) -> Handle:
    """Return the handler of AvailabilityChanged; `requeue` continues in a new invocation."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case AvailabilityChanged(continuation=begun) as data:
                cause = begun.event_id if begun else event.metadata.event_id
                trace = Trace(event.metadata.correlation_id, cause)
                after = match_part(data.to_change(), trace, begun.after if begun else None)
                if after:
                    further = Continuation(after=after, event_id=cause)
                    rest = data.model_copy(update={"continuation": further})
                    requeue(event.model_copy(update={"data": rest}))
            case other:
                message = f"the watchlist matcher does not consume {other.event_type}"
                raise Unprocessable(message)

    return handle


@dataclass(frozen=True, slots=True)
class ImportConsumer:
    """Passes each command to the use case."""

    rows: ImportRows
    now: Clock = utc_now

    def handle(self, envelope: Envelope[Contract]) -> None:
        """Process a command's part; an import that was never stored, or is erased, is dropped."""
        command, metadata = _command(envelope), envelope.metadata
        try:
            self.rows(command.user_id, command.import_id, command.part, metadata.event_id)
        except ImportAbsent:
            if self.now() - metadata.occurred_at < ORPHAN_AGE:
                raise
            count("ImportsAbsent")
        except AccountDeleted:
            count("ImportsOfDeletedUsers")

    def give_up(self, envelope: Envelope[Contract]) -> None:
        """End a part that cannot be processed, and continue with the next one."""
        command = _command(envelope)
        with suppress(ImportAbsent, AccountDeleted):
            self.rows.give_up(
                command.user_id, command.import_id, command.part, envelope.metadata.event_id
            )


def _command(envelope: Envelope[Contract]) -> ProcessImportPart:
    if not isinstance(envelope.data, ProcessImportPart):
        message = f"{envelope.metadata.event_type} is no command of imports"
        raise Unprocessable(message)
    return envelope.data
