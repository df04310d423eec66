"""Handle the user pool's triggers: before a sign-up, after a confirmation, after a sign-in.

They do the same as the routes, so that users who sign up with the pool itself or with Google are
provisioned, too. Our own failures are not reported to the pool, which would refuse a user whom the
next sign-in completes; only users who must not get in are. Nobody is refused before a sign-up: to
Lambda that is a function's error, and anybody may cause it. A username that is not available is
replaced when the user is confirmed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from auth.domain.account import PoolUser
from auth.domain.errors import TRANSIENT_ERRORS, AccountGone
from auth.ports import Users
from auth.use_cases.provision_user import UserProvisioning, report_incomplete
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

SELF_SIGN_UP = "PreSignUp_SignUp"
"""The trigger source of a user's own sign-up. Others are Google users, or made by an operator."""


@dataclass(frozen=True, slots=True)
class AutoConfirm:
    """The use case of the trigger before a sign-up.

    Where it is `enabled` no user needs a code: for development, where no mail is sent.
    """

    enabled: bool = False

    def confirms(self, source: str) -> bool:
        """Return whether a new account needs no code."""
        return self.enabled and source == SELF_SIGN_UP


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPoolTriggers:
    """The use cases of the triggers after a confirmation and after a sign-in.

    `provisioning_in` returns the provisioning for a user pool, by its id.
    """

    users: Users
    provisioning_in: Callable[[str], UserProvisioning]
    clock: Clock = utc_now

    def post_confirmation(self, pool_id: str, user: PoolUser, trace: Trace) -> None:
        """Provision a user who has just been confirmed, or has set a new password."""
        logger.info("confirmed", extra={"user_id": user.account.user_id})
        try:
            self.provisioning_in(pool_id).provision(user, trace)
        except AccountGone:
            logger.warning("deleted_user_confirmed", extra={"user_id": user.account.user_id})
        except TRANSIENT_ERRORS:
            report_incomplete(user.account)

    def post_authentication(self, pool_id: str, user: PoolUser, trace: Trace) -> None:
        """Record a sign-in and provision the user. Raises AccountGone: the pool refuses them."""
        logger.info("authenticated", extra={"user_id": user.account.user_id})
        count("UserAuthenticated")
        try:
            profile = self.users.record_login(user.account, self.clock())
            if profile is None or profile.confirmed_at is None:
                self.provisioning_in(pool_id).provision(user, trace, profile=profile)
            if profile is None:
                self.users.record_login(user.account, self.clock())
        except TRANSIENT_ERRORS:
            report_incomplete(user.account)
