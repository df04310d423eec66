"""Notices: what is told to one user beside rooms. A title they wait for can be streamed now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matinee.clock import iso
from matinee.media import TitleKey
from rooms.domain.push import DEFAULT_LANGUAGE, MAX_TITLE_CHARACTERS

MAX_PLATFORMS = 3
"""In a notification's text."""

TEXTS: Mapping[str, tuple[str, str]] = {
    "en": ("You can watch it now", "{title}, from your watchlist, is on {platforms}."),
    "es": ("Ya puedes verlo", "{title}, de tu lista, está en {platforms}."),
    "de": ("Jetzt zu sehen", "{title} von deiner Merkliste läuft bei {platforms}."),
    "fr": ("À voir maintenant", "{title}, de votre liste, est sur {platforms}."),
    "it": ("Ora puoi vederlo", "{title}, dalla tua lista, è su {platforms}."),
    "pt": ("Já dá para ver", "{title}, da sua lista, está em {platforms}."),
}
"""Heading and body, by language."""


@dataclass(frozen=True, slots=True)
class AvailabilityNotice:
    """A title of a user's watchlist came to platforms that they have."""

    user_id: str
    key: TitleKey
    title: str
    poster_path: str | None
    region: str
    platforms: tuple[str, ...]
    at: datetime

    @property
    def told_id(self) -> str:
        """The notice's id, the same wherever it is told; later ones sort after it."""
        return f"{iso(self.at)}#{self.key}"

    def payload(self, language: str | None) -> Mapping[str, object]:
        """Return what a device receives, JSON values; texts in a language that there is."""
        code = (language or DEFAULT_LANGUAGE)[:2].lower()
        heading, body = TEXTS.get(code, TEXTS[DEFAULT_LANGUAGE])
        title = self.title[:MAX_TITLE_CHARACTERS]
        return {
            "kind": "AVAILABLE",
            "id": self.told_id,
            "movieId": self.key.id,
            "mediaType": self.key.media_type.name,
            "movieTitle": title,
            "posterPath": self.poster_path,
            "region": self.region,
            "platforms": list(self.platforms),
            "source": "JustWatch",
            "timestamp": iso(self.at),
            "title": heading,
            "body": body.format(title=title, platforms=", ".join(self.platforms[:MAX_PLATFORMS])),
            "tag": self.told_id,
        }
