"""Return to other services how users want to be called."""

from collections.abc import Sequence
from dataclasses import dataclass

from auth.domain.display_name import PublicProfile
from auth.ports import PublicProfiles


@dataclass(frozen=True, slots=True)
class ListNames:
    """Looks up what users show of themselves."""

    profiles: PublicProfiles

    def __call__(self, user_ids: Sequence[str]) -> Sequence[PublicProfile]:
        """Return the users' public profiles; whoever has none, or is deleted, is left out."""
        found = {it.user_id: it for it in self.profiles.list_public(set(user_ids))}
        return [found[user_id] for user_id in dict.fromkeys(user_ids) if user_id in found]
