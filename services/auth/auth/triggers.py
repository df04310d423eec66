"""What the user pool asks of us while it signs people up and in.

Each does what a route does as well, and nothing twice: who signs up with the pool itself, or comes
from Google, is a user like anyone else. But for what must not be let in, no failure of ours is
told to the pool: it would turn away somebody whom his next sign-in completes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auth.cognito import member
from auth.completion import Completion
from auth.domain import Username, normalised_email, normalised_username
from auth.errors import AccountGone, SignUpRefused, UsernameTaken
from auth.ports import Member, Users
from auth.service import PASSING, left_incomplete
from matinee.clock import Clock, utc_now
from matinee.envelope import Trace
from matinee.observability import count, logger

type Event = dict[str, Any]
"""An event of the user pool's triggers: triggerSource, userName, request, response."""

_BY_GOOGLE = "PreSignUp_ExternalProvider"
_BY_OPERATOR = "PreSignUp_AdminCreateUser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggers:
    """The use cases of the triggers. `auto_confirm` as in Accounts."""

    users: Users
    completion: Completion
    auto_confirm: bool = False
    clock: Clock = utc_now

    def before_sign_up(self, event: Event) -> Event:
        """Refuse an address or a username that cannot be; confirm whoever needs no code.

        Raises SignUpRefused or UsernameTaken, which the pool turns into its refusal.
        """
        attributes = event["request"]["userAttributes"]
        by_google = event["triggerSource"] == _BY_GOOGLE
        _require_usable(attributes)
        wish = attributes.get("preferred_username")
        if wish and not by_google:
            self._require_free(Username(wish))
        if self.auto_confirm and not by_google and event["triggerSource"] != _BY_OPERATOR:
            event["response"] |= {"autoConfirmUser": True, "autoVerifyEmail": True}
        return event

    def after_confirmation(self, event: Event, trace: Trace) -> Event:
        """Complete who has just been confirmed, or has set a new password."""
        user = _member(event)
        logger.info("confirmed", extra={"user_id": user.account.user_id})
        try:
            self.completion.complete(user, trace)
        except AccountGone:
            logger.warning("confirmed_too_late", extra={"user_id": user.account.user_id})
        except PASSING:
            left_incomplete(user.account)
        return event

    def after_authentication(self, event: Event, trace: Trace) -> Event:
        """Note a sign-in, and complete who is not. Raises AccountGone: the pool keeps him out."""
        user = _member(event)
        logger.info("authenticated", extra={"user_id": user.account.user_id})
        try:
            profile = self.users.greet(user.account, self.clock())
            if profile is None or profile.confirmed_at is None:
                self.completion.complete(user, trace, profile=profile)
                self.users.greet(user.account, self.clock())
        except PASSING:
            left_incomplete(user.account)
        count("UserAuthenticated")
        return event

    def _require_free(self, username: Username) -> None:
        """Raise UsernameTaken. Reserving decides; a table that does not answer refuses nobody."""
        try:
            owner = self.users.owner_of(username)
        except PASSING:
            return
        if owner:
            raise UsernameTaken


def _require_usable(attributes: Mapping[str, str]) -> None:
    try:
        normalised_email(attributes.get("email", ""))
        if "preferred_username" in attributes:
            normalised_username(attributes["preferred_username"])
    except ValueError as error:
        raise SignUpRefused(str(error)) from None


def _member(event: Event) -> Member:
    return member(event["userName"], event["request"]["userAttributes"])
