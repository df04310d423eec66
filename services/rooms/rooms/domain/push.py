"""Notifications to devices: what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from matinee.clock import iso
from matinee.media import MediaType

MAX_AGE = timedelta(hours=1)
"""Of an event: a phone that rings for yesterday's match helps nobody. Its user finds it in the
inbox."""

RETRY_FOR = timedelta(minutes=4)
"""After an event a device that could not be reached is given up: its push service is a user's
choice, and must not fill our dead-letter queue."""

MAX_TITLE_CHARACTERS = 200

DEFAULT_LANGUAGE = "en"


class PushKind(StrEnum):
    """What a notification is about."""

    MATCH = "MATCH"
    DECISION = "DECISION"


TEXTS: Mapping[str, Mapping[PushKind, tuple[str, str]]] = {
    "en": {
        PushKind.MATCH: ("It's a match!", "Your room agrees on {title}."),
        PushKind.DECISION: ("It is decided", "You are going to watch {title}."),
    },
    "es": {
        PushKind.MATCH: ("¡Hay coincidencia!", "Vuestra sala coincide en {title}."),
        PushKind.DECISION: ("Está decidido", "Vais a ver {title}."),
    },
    "de": {
        PushKind.MATCH: ("Ein Treffer!", "Euer Raum ist sich einig: {title}."),
        PushKind.DECISION: ("Es ist entschieden", "Ihr schaut {title}."),
    },
    "fr": {
        PushKind.MATCH: ("C’est un match !", "Votre salon est d’accord : {title}."),
        PushKind.DECISION: ("C’est décidé", "Vous allez regarder {title}."),
    },
    "it": {
        PushKind.MATCH: ("C’è un match!", "La vostra stanza è d’accordo: {title}."),
        PushKind.DECISION: ("È deciso", "Guarderete {title}."),
    },
    "pt": {
        PushKind.MATCH: ("Deu match!", "A sala de vocês concorda: {title}."),
        PushKind.DECISION: ("Está decidido", "Vocês vão assistir a {title}."),
    },
}
"""Title and body, by language and kind."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a room has to say to its people. `told_id` is the same wherever it is told."""

    kind: PushKind
    told_id: str
    room_id: str
    movie_id: int
    media_type: MediaType
    title: str
    poster_path: str | None
    at: datetime

    def payload(self, language: str | None) -> Mapping[str, object]:
        """Return what a device receives, JSON values; texts in a language that there is."""
        texts = TEXTS.get((language or DEFAULT_LANGUAGE)[:2].lower(), TEXTS[DEFAULT_LANGUAGE])
        heading, body = texts[self.kind]
        title = self.title[:MAX_TITLE_CHARACTERS]
        return {
            "kind": self.kind.value,
            "id": self.told_id,
            "roomId": self.room_id,
            "movieId": self.movie_id,
            "mediaType": self.media_type.name,
            "movieTitle": title,
            "posterPath": self.poster_path,
            "timestamp": iso(self.at),
            "title": heading,
            "body": body.format(title=title),
            "tag": self.told_id,
        }
