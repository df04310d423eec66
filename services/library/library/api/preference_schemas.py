"""Preferences in responses, and the conditions of requests for them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from library.domain.preferences import Preferences
from library.use_cases.preferences import Precondition, any_state
from matinee.clock import iso
from matinee.field_types import UtcTime
from matinee.http.etag import entity_tag, matches
from matinee.questionnaire_input import Questions


class StoredPreferences(Questions):
    """An answer to every question: the default where the user gave none."""

    updated_at: UtcTime | None = Field(description="null until something is saved.")


class PreferencesResponse(BaseModel):
    """A user's preferences."""

    message: str
    preferences: StoredPreferences


class IfMatch(BaseModel):
    """The state that a change is based on."""

    if_match: str | None = Field(
        default=None,
        alias="If-Match",
        description="The `ETag` of the preferences that this device has. Without it the answers "
        "in the request are saved whatever else has changed.",
    )


class IfNoneMatch(BaseModel):
    """The state that the caller already has."""

    if_none_match: str | None = Field(
        default=None, alias="If-None-Match", description="The `ETag` of what this device has."
    )


def preferences_etag(user_id: str, preferences: Preferences) -> str:
    """Return the entity tag of a user's preferences, different from that of any other user's."""
    return entity_tag(f"{preferences.version}:{user_id}")


def if_none_match(header: str | None, user_id: str, preferences: Preferences) -> bool:
    """Return whether If-None-Match names preferences as they are. `*`: any that were saved."""
    return header is not None and matches(
        header,
        preferences_etag(user_id, preferences),
        weak=True,
        exists=preferences.version > 0,
    )


def if_match(header: str | None, user_id: str) -> Precondition:
    """Return the precondition that If-Match demands; without the header, none."""
    if header is None:
        return any_state
    return lambda stored: matches(
        header, preferences_etag(user_id, stored), exists=stored.version > 0
    )


def preferences_response(preferences: Preferences, now: datetime, message: str) -> dict[str, Any]:
    """Return preferences as JSON values."""
    at = preferences.updated_at
    return {
        "message": message,
        "preferences": {
            **preferences.with_defaults(now),
            "updatedAt": iso(at) if at else None,
        },
    }
