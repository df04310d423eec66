"""The cards function's request and response, as JSON: its contract with its callers."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictInt

from catalog.domain import CachedTitle
from matinee.functions import FUNCTION_MODEL, FunctionFailure
from matinee.languages import COUNTRY_PATTERN, best_language
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey

MAX_TITLES = 100
"""In one request: they are read in one batch."""

MAX_LANGUAGES = 5


class _Camel(BaseModel):
    model_config = FUNCTION_MODEL


class TitleRef(_Camel):
    """A title by TMDB's id."""

    media_type: MediaType
    id: Annotated[StrictInt, Field(ge=1, le=MAX_MEDIA_ID)]


class CardsRequest(_Camel):
    """Titles, and who looks at them."""

    titles: Annotated[tuple[TitleRef, ...], Field(min_length=1, max_length=MAX_TITLES)]
    languages: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...], Field(max_length=MAX_LANGUAGES)
    ] = Field(
        default=(),
        description="ISO 639-1, the most wanted first. A title is shown in the first of them that"
        " it has, else in English.",
    )
    country: Annotated[str, Field(pattern=COUNTRY_PATTERN)] | None = Field(
        default=None, description="Whose certifications and providers to show (ISO 3166-1)."
    )
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    def keys(self) -> Sequence[TitleKey]:
        """Return the keys of the titles, each once."""
        return list(dict.fromkeys(TitleKey(one.media_type, one.id) for one in self.titles))


class CardTrailer(_Camel):
    """A video on another site."""

    model_config = ConfigDict(from_attributes=True)

    site: str = Field(description="YouTube or Vimeo.")
    key: str = Field(description="Its id there.")


class CardProvider(_Camel):
    """Who streams a title."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="TMDB's id, as filters take it.")
    name: str


class Card(_Camel):
    """What is known of a title beyond TMDB's lists."""

    id: int
    media_type: MediaType
    language: str = Field(description="That of title and overview, ISO 639-1.")
    title: str
    overview: str
    runtime: int | None = Field(description="Minutes; for a series, of an episode.")
    directors: tuple[str, ...] = Field(description="For a series, its creators.")
    cast: tuple[str, ...] = Field(description="The first five.")
    trailer: CardTrailer | None
    certification: str | None = Field(description="Of the country's board; null without a country.")
    providers: tuple[CardProvider, ...] | None = Field(
        description="Who streams it in the country; null without a country. The data are"
        " JustWatch's, which must be credited wherever they are shown."
    )

    @classmethod
    def from_title(cls, cached: CachedTitle, request: CardsRequest) -> Self:
        """Return a cached title as those who look at it understand it."""
        facts, country = cached.facts, request.country
        language = best_language(request.languages, facts.translations)
        shown = cached.in_language(language)
        return cls(
            id=shown.id,
            media_type=shown.media_type,
            language=language,
            title=shown.title,
            overview=shown.overview,
            runtime=facts.runtime,
            directors=facts.directors,
            cast=facts.cast,
            trailer=CardTrailer.model_validate(facts.trailer) if facts.trailer else None,
            certification=facts.certifications.get(country) if country else None,
            providers=tuple(
                CardProvider.model_validate(each) for each in facts.providers_in(country)
            )
            if country
            else None,
        )


class Cards(_Camel):
    """The cards of those titles whose details are cached, in no order."""

    cards: Annotated[tuple[Card, ...], Field(max_length=MAX_TITLES)]

    @classmethod
    def from_titles(cls, titles: Iterable[CachedTitle], request: CardsRequest) -> Self:
        """Return the cards of cached titles."""
        return cls(cards=tuple(Card.from_title(title, request) for title in titles))


class CardsSuccess(_Camel):
    """The response with cards."""

    data: Cards


class CardsResponse(RootModel[CardsSuccess | FunctionFailure]):
    """The cards function's response."""
