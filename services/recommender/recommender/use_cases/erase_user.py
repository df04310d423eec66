"""Erase the data of a user whose account is deleted."""

from dataclasses import dataclass

from matinee.observability import count, logger
from recommender.ports import TasteEraser


@dataclass(frozen=True, slots=True)
class EraseUser:
    """Erases users' tastes."""

    tastes: TasteEraser

    def __call__(self, user_id: str) -> None:
        """Block a user, so that no late event is stored, then delete what is stored of them."""
        self.tastes.block(user_id)
        erased = self.tastes.erase(user_id)
        logger.info("user_erased", extra={"entries": erased})
        count("UsersErased")
