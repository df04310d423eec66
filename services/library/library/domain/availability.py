"""Where a title can be watched from now on, and whose platforms are among those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from library.domain.notices import Notice
from library.domain.preferences import Answers
from matinee.media import TitleKey
from matinee.streaming import Platforms


@dataclass(frozen=True, slots=True)
class CountryChange:
    """TMDB's ids of the providers that came to a country, and of all that stream it there now."""

    came: tuple[int, ...]
    providers: tuple[int, ...]
    went: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AvailabilityChange:
    """A change of who streams a title, by country; `names` are the providers', by id."""

    key: TitleKey
    title: str
    poster_path: str | None
    countries: Mapping[str, CountryChange]
    names: Mapping[int, str]
    changed_at: datetime

    @property
    def is_news(self) -> bool:
        """Return whether it came to any provider."""
        return any(country.came for country in self.countries.values())

    def notice(self, region: str, platforms: Sequence[int]) -> Notice:
        """Return what a user is told of whose platforms it came to."""
        names = {id_: self.names[id_] for id_ in platforms}
        return Notice(self.key, self.title, self.poster_path, region, names, self.changed_at)

    def platforms_for(self, answers: Answers) -> Sequence[int]:
        """Return the user's own platforms on which it can be streamed now, and could not before.

        None where it could be streamed on another one of them all the time: nothing changed for
        this user.
        """
        country = self.countries.get(answers.get("region") or "")
        platforms = Platforms(answers.get("streamingPlatforms", ()))
        if country is None or not platforms:
            return ()
        before = [id_ for id_ in (*country.providers, *country.went) if id_ not in country.came]
        if platforms.among(before, self.names):
            return ()
        return platforms.among(country.came, self.names)
