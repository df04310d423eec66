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
    INVITATION = "INVITATION"


TEXTS: Mapping[str, Mapping[PushKind, tuple[str, str]]] = {
    "en": {
        PushKind.MATCH: ("It's a match!", "Your room agrees on {title}."),
        PushKind.DECISION: ("It is decided", "You are going to watch {title}."),
        PushKind.INVITATION: ("You are invited", "{title} chooses what to watch. Come and join."),
    },
    "es": {
        PushKind.MATCH: ("¡Hay coincidencia!", "Vuestra sala coincide en {title}."),
        PushKind.DECISION: ("Está decidido", "Vais a ver {title}."),
        PushKind.INVITATION: ("Tienes una invitación", "{title} elige qué ver. ¡Únete!"),
    },
    "de": {
        PushKind.MATCH: ("Ein Treffer!", "Euer Raum ist sich einig: {title}."),
        PushKind.DECISION: ("Es ist entschieden", "Ihr schaut {title}."),
        PushKind.INVITATION: ("Du bist eingeladen", "{title} sucht einen Film aus. Mach mit!"),
    },
    "fr": {
        PushKind.MATCH: ("C’est un match !", "Votre salon est d’accord : {title}."),
        PushKind.DECISION: ("C’est décidé", "Vous allez regarder {title}."),
        PushKind.INVITATION: ("Vous êtes invité", "{title} choisit un film. Venez aussi !"),
    },
    "it": {
        PushKind.MATCH: ("C’è un match!", "La vostra stanza è d’accordo: {title}."),
        PushKind.DECISION: ("È deciso", "Guarderete {title}."),
        PushKind.INVITATION: ("Hai ricevuto un invito", "{title} sceglie cosa guardare. Unisciti!"),
    },
    "pt": {
        PushKind.MATCH: ("Deu match!", "A sala de vocês concorda: {title}."),
        PushKind.DECISION: ("Está decidido", "Vocês vão assistir a {title}."),
        PushKind.INVITATION: ("Você recebeu um convite", "{title} escolhe o que assistir. Venha!"),
    },
}
"""Title and body, by language and kind."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a room has to say to people. `told_id` is the same wherever it is told.

    `title` is the film's, which an invitation has not: its `title` is the crew's name.
    """

    kind: PushKind
    told_id: str
    room_id: str
    movie_id: int | None
    media_type: MediaType | None
    title: str
    poster_path: str | None
    at: datetime
    crew_id: str | None = None

    def payload(self, language: str | None) -> Mapping[str, object]:
        """Return what a device receives, JSON values; texts in a language that there is."""
        texts = TEXTS.get((language or DEFAULT_LANGUAGE)[:2].lower(), TEXTS[DEFAULT_LANGUAGE])
        heading, body = texts[self.kind]
        title = self.title[:MAX_TITLE_CHARACTERS]
        return {
            "kind": self.kind.value,
            "id": self.told_id,
            "roomId": self.room_id,
            **self._about(title),
            "timestamp": iso(self.at),
            "title": heading,
            "body": body.format(title=title),
            "tag": self.told_id,
        }

    def _about(self, title: str) -> Mapping[str, object]:
        """Return the film, or the crew."""
        if self.crew_id:
            return {"crewId": self.crew_id, "crewName": title}
        return {
            "movieId": self.movie_id,
            "mediaType": self.media_type and self.media_type.name,
            "movieTitle": title,
            "posterPath": self.poster_path,
        }
