"""The catalog's Cards function, through its published interface."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from matinee.media import TitleKey
from rooms.adapters.lambda_.asking import Success, ask
from rooms.adapters.lambda_.recent import Recent
from rooms.domain.card import Card, Reader

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

MAX_TITLES = 100
"""In one request, by the contract."""

CARDS_TTL_SECONDS = 600.0
"""The catalog refreshes a title once in six days; one that it has just stored is seen so late."""

MAX_CACHED = 5_000


class _Data(BaseModel):
    """Cards, as contracts/functions/catalog/Cards describes them."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    cards: list[Card]


@dataclass(frozen=True, slots=True)
class LambdaCardReader:
    """The catalog, by synchronous invocations of one Lambda function; cards are cached briefly."""

    function_name: str
    client: LambdaClient
    recent: Recent[tuple[TitleKey, Reader], Card] = field(
        default_factory=lambda: Recent(CARDS_TTL_SECONDS, MAX_CACHED)
    )

    def find(
        self, keys: Collection[TitleKey], reader: Reader, correlation_id: str
    ) -> Mapping[TitleKey, Card]:
        """Return cards by key; without those that are unknown, or cannot be had right now."""
        known = {key: card for (key, _), card in self.recent.get((k, reader) for k in keys).items()}
        for wanted in batched(sorted(set(keys) - known.keys()), MAX_TITLES, strict=False):
            found = self._ask(wanted, reader, correlation_id)
            if found is None:
                break
            cards = {card.key: card for card in found}
            self.recent.put(
                [(key, reader) for key in wanted],
                {(key, reader): card for key, card in cards.items()},
            )
            known |= cards
        return {key: card for key, card in known.items() if card}

    def _ask(
        self, keys: Collection[TitleKey], reader: Reader, correlation_id: str
    ) -> Sequence[Card] | None:
        request = {
            "titles": [{"mediaType": key.media_type.value, "id": key.id} for key in keys],
            "languages": list(reader.languages),
            "country": reader.country,
            "correlationId": correlation_id,
        }
        data = ask(
            self.client, self.function_name, request, Success[_Data], otherwise="CardsUnavailable"
        )
        return data.cards if data else None
