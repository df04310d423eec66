"""What the user pool asks of us while it signs people up and in.

Each does what a route does as well, and nothing twice: who signs up with the pool itself, or comes
from Google, is a user like anyone else. But for who must not be let in, no failure of ours is told
to the pool: it would turn away somebody whom his next sign-in completes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from auth.domain.account import Username
from auth.domain.errors import AccountGone, UsernameTaken
from auth.ports import Member, Users
from auth.use_cases.provision_user import Completion
from auth.use_cases.sign_up import PASSING, left_incomplete
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

ASKED_FOR = "PreSignUp_SignUp"
"""Somebody signs up by himself. Others come from Google, or are made by an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggers:
    """The use cases of the triggers.

    With `auto_confirm` nobody needs a code: for development, where no mail is sent. `completion_in`
    answers how users of a pool, named by its id, are completed.
    """

    users: Users
    completion_in: Callable[[str], Completion]
    auto_confirm: bool = False
    clock: Clock = utc_now

    def before_sign_up(self, source: str, wish: str | None) -> bool:
        """Return whether an account that is about to be opened needs no code.

        Raises UsernameTaken, which the pool turns into its refusal. What is reserved later decides;
        here a table that does not answer refuses nobody.
        """
        try:
            owner = self.users.owner_of(Username(wish)) if wish else None
        except PASSING:
            owner = None
        if owner:
            raise UsernameTaken
        return self.auto_confirm and source == ASKED_FOR

    def after_confirmation(self, pool_id: str, member: Member, trace: Trace) -> None:
        """Complete who has just been confirmed, or has set a new password."""
        logger.info("confirmed", extra={"user_id": member.account.user_id})
        try:
            self.completion_in(pool_id).complete(member, trace)
        except AccountGone:
            logger.warning("confirmed_too_late", extra={"user_id": member.account.user_id})
        except PASSING:
            left_incomplete(member.account)

    def after_authentication(self, pool_id: str, member: Member, trace: Trace) -> None:
        """Note a sign-in, and complete who is not. Raises AccountGone: the pool keeps him out."""
        logger.info("authenticated", extra={"user_id": member.account.user_id})
        count("UserAuthenticated")
        try:
            profile = self.users.greet(member.account, self.clock())
            if profile is None or profile.confirmed_at is None:
                self.completion_in(pool_id).complete(member, trace, profile=profile)
            if profile is None:
                self.users.greet(member.account, self.clock())
        except PASSING:
            left_incomplete(member.account)
