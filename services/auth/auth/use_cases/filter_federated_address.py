"""Filter what Google says of a user before the user pool stores it.

The pool overwrites an address with the identity provider's at every sign-in, without the
verification that it asks of everybody else. So an address that Google does not vouch for is kept
from it: an existing user keeps theirs, and a new one is refused by the pool, which requires one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matinee.observability import count

ADDRESS = frozenset({"email", "email_verified"})


@dataclass(frozen=True, slots=True)
class FilterFederatedAddress:
    """The use case of the trigger before a federated sign-in."""

    def attributes_to_map(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that the pool may map; none at all stands for all as they are."""
        if attributes.get("email_verified", "").lower() == "true":
            return {}
        count("UnverifiedAddressDropped")
        return {name: value for name, value in attributes.items() if name not in ADDRESS}
