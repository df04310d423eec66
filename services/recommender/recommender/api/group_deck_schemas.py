"""The group deck function's request and response, as JSON: its contract with its callers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, RootModel, StrictInt, model_validator

from matinee.filter_input import MAX_GENRES, FilterInput
from matinee.filters import NO_FILTERS, Filters
from matinee.functions import FUNCTION_MODEL
from matinee.media import MediaType
from recommender.domain.group_deck import (
    MAX_DECK,
    MAX_USERS,
    DeckReason,
    DeckRequest,
    HideSeen,
)
from recommender.domain.titles import TitleFacts

MAX_EXCLUDED = 500


class _Camel(BaseModel):
    model_config = FUNCTION_MODEL


class GroupDeckRequest(_Camel):
    """A group, and what its room wants to see."""

    user_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=128)], ...],
        Field(min_length=1, max_length=MAX_USERS),
    ] = Field(description="Who is in the room: Cognito subs.")
    media_type: MediaType
    media_types: Annotated[tuple[MediaType, ...], Field(max_length=len(MediaType))] = Field(
        default=(), description="For films and series: both. Empty: mediaType alone."
    )
    genre_ids: Annotated[tuple[StrictInt, ...], Field(max_length=MAX_GENRES)] = Field(
        default=(),
        description="TMDB's genre ids, of any of the media types, one of which a title has; empty"
        " for any.",
    )
    filters: FilterInput | None = Field(
        default=None,
        description="As for Discover; a certification filters series, too. A title of which the"
        " certification or the providers are not known does not pass them.",
    )
    limit: Annotated[StrictInt, Field(ge=1, le=MAX_DECK)] = MAX_DECK
    exclude_ids: Annotated[tuple[StrictInt, ...], Field(max_length=MAX_EXCLUDED)] = Field(
        default=(), description="TMDB's ids of titles that the room has already."
    )
    hide_seen_by: HideSeen = Field(
        default=HideSeen.ANYBODY, description="Whose favourites and seen titles are left out."
    )
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    @model_validator(mode="after")
    def _has_known_genres(self) -> Self:
        """Raise ValueError for excluded genres that none of the media types has."""
        self._filters()
        return self

    def deck_request(self) -> DeckRequest:
        """Return what the room wants."""
        types = self._types()
        genre_ids = {genre for one in types for genre in one.own_genres(self.genre_ids)}
        return DeckRequest(
            frozenset(types),
            tuple(sorted({*self.genre_ids, *genre_ids})),
            self._filters(),
            self.limit,
            frozenset(self.exclude_ids),
            self.hide_seen_by,
        )

    def _types(self) -> tuple[MediaType, ...]:
        return self.media_types or (self.media_type,)

    def _filters(self) -> Filters:
        """Return the filters, with the excluded genres of each media type."""
        if self.filters is None:
            return NO_FILTERS
        types = self._types()
        filters = self.filters.for_media_types(types)
        excluded = {one for each in types for one in each.own_genres(filters.excluded_genre_ids)}
        return replace(filters, excluded_genre_ids=tuple(sorted(excluded)))


class GroupDeckTitle(_Camel):
    """A title of the deck, with what a room shows of it."""

    id: int
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None
    release_date: date | None
    vote_average: float = Field(description="0 to 10.")
    vote_count: int
    genre_ids: tuple[int, ...]
    reason: DeckReason = Field(
        description="SEVERAL_LISTS: on watchlists of several of them. FITS_EVERYBODY: fits the"
        " taste of each. POPULAR: popular, and nobody objects."
    )


class GroupDeck(_Camel):
    """The titles in their order: of several lists, fitting, popular. It never says whose."""

    titles: Annotated[tuple[GroupDeckTitle, ...], Field(max_length=MAX_DECK)]


class GroupDeckSuccess(_Camel):
    """The response with a deck; it may have fewer titles than asked for, or none."""

    data: GroupDeck

    @classmethod
    def from_deck(cls, deck: Sequence[tuple[TitleFacts, DeckReason]]) -> Self:
        """Return the response to a deck that was found."""
        titles = tuple(
            GroupDeckTitle(
                id=facts.key.id,
                media_type=facts.key.media_type,
                title=facts.title,
                overview=facts.overview,
                poster_path=facts.poster_path,
                release_date=facts.release_date,
                vote_average=facts.vote_average,
                vote_count=facts.vote_count,
                genre_ids=facts.genre_ids,
                reason=reason,
            )
            for facts, reason in deck
        )
        return cls(data=GroupDeck(titles=titles))


class GroupDeckError(_Camel):
    """An error: `type` for a program, `message` for a person."""

    type: str = Field(description="InvalidInput or GroupDeckUnavailable.")
    message: str
    info: dict[str, Any] | None = Field(description="fields: field to reason (InvalidInput).")


class GroupDeckFailure(_Camel):
    """The response with an error."""

    error: GroupDeckError


class GroupDeckResponse(RootModel[GroupDeckSuccess | GroupDeckFailure]):
    """The group deck function's response."""
