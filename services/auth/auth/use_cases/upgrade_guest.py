"""Upgrade a guest: a password and a verified address make a user of the same account.

    begin     1  their password in the pool
              2  a code to the address; the pool keeps the one they have until it comes back
    verify    3  the pool gives them the address by the code: from here on they are a user
              4  the profile, with a username, GuestUpgraded and UserConfirmed: one transaction
              5  the group Users, then out of the group Guests (`auth.use_cases.provision_user`)

A process may end after any of them. Before the third nothing has changed but a password of somebody
whom it does not let in as more than a guest. After it the same request again, or the next sign-in,
does the rest, and the reconciliation does not delete them.
"""

from dataclasses import dataclass

from auth.domain.errors import (
    AccountGone,
    AccountsUnavailable,
    EmailAlreadyRegistered,
    GuestIsUser,
    InvalidVerificationCode,
    VerificationCodeExpired,
)
from auth.domain.password import require_strong_password
from auth.domain.rate_limits import SEND_CODE, VERIFY
from auth.ports import Caller, RateLimiter, SignedInGuest, UpgradePool, Users
from auth.use_cases.provision_user import UserProvisioning
from matinee.observability import count
from matinee.principal import GUESTS

_MAYBE_DONE = (InvalidVerificationCode, VerificationCodeExpired, AccountsUnavailable)
"""What a code may meet that has done its work already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeGuest:
    """The use cases of a guest who becomes a user.

    `auto_confirm`: where no mail is sent, an address needs no code.
    """

    pool: UpgradePool
    users: Users
    provisioning: UserProvisioning
    rate_limiter: RateLimiter
    auto_confirm: bool = False

    def begin(self, guest: SignedInGuest, email: str, password: str, caller: Caller) -> bool:
        """Set the password and send a code; return whether the guest is a user without one.

        Raises WeakPassword, EmailAlreadyRegistered, AddressRefused, GuestIsUser, SessionExpired,
        AccountGone, TooManyAttempts, WriteConflict or AccountsUnavailable.
        """
        require_strong_password(password)
        self.rate_limiter.check(SEND_CODE, email, caller.source)
        self._require_guest(guest)
        owner = self.pool.find(email)
        if owner and owner.user.account.user_id != guest.account.user_id:
            raise EmailAlreadyRegistered
        name = guest.account.cognito_username
        self.pool.set_password(name, password)
        if not (owner and owner.user.has_verified_address):
            if not self.auto_confirm:
                self.pool.send_address_code(guest.access_token, email)
                count("GuestUpgradeBegun")
                return False
            self.pool.set_address(name, email)
        self._complete(guest, caller)
        return True

    def verify(self, guest: SignedInGuest, code: str, caller: Caller) -> str:
        """Make a user of a guest by the code that was sent to their address; return the address.

        Raises InvalidVerificationCode, VerificationCodeExpired, EmailAlreadyRegistered,
        SessionExpired, AccountGone, TooManyAttempts, WriteConflict or AccountsUnavailable.
        """
        user_id = guest.account.user_id
        self.rate_limiter.check(VERIFY, user_id, caller.source)
        try:
            self.pool.verify_address(guest.access_token, code)
        except _MAYBE_DONE:
            if not self._has_address(guest):
                raise
        self.rate_limiter.refund(VERIFY, user_id, caller.source)
        return self._complete(guest, caller)

    def _require_guest(self, guest: SignedInGuest) -> None:
        """Refuse a token from before the upgrade: it must not set a user's password."""
        profile = self.users.find(guest.account.user_id)
        if profile is None:
            raise AccountGone
        if not profile.is_guest:
            raise GuestIsUser

    def _has_address(self, guest: SignedInGuest) -> bool:
        found = self.pool.find(guest.account.cognito_username)
        return found is not None and found.user.has_verified_address

    def _complete(self, guest: SignedInGuest, caller: Caller) -> str:
        """Do what is left, whatever was done before."""
        found = self.pool.find(guest.account.cognito_username)
        profile = self.users.find(guest.account.user_id)
        if found is None or profile is None:
            raise AccountGone
        groups = frozenset({GUESTS})
        self.provisioning.provision(found.user, caller.trace, profile=profile, groups=groups)
        return found.user.account.email
