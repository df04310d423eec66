"""Cards: what the catalog knows of a candidate beyond the room's own copy, and who looks at it."""

from dataclasses import dataclass, replace

from matinee.media import MediaType, TitleKey
from rooms.domain.room import Movie


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at cards: the languages that they want, without English, and their country."""

    languages: tuple[str, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Trailer:
    """A video on a site: YouTube or Vimeo."""

    site: str
    key: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Who streams a title. `id` is TMDB's; the data are JustWatch's."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """A title's details. `certification` and `providers` are of the reader's country.

    `runtime` is in minutes; without a country there are no `providers`.
    """

    id: int
    media_type: MediaType
    language: str
    title: str
    overview: str
    runtime: int | None = None
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    trailer: Trailer | None = None
    certification: str | None = None
    providers: tuple[Provider, ...] | None = None

    @property
    def key(self) -> TitleKey:
        """The title's key."""
        return TitleKey(self.media_type, self.id)

    def translate(self, movie: Movie) -> Movie:
        """Return a candidate with the title and overview that its reader understands."""
        return replace(
            movie, title=self.title or movie.title, overview=self.overview or movie.overview
        )
