"""The people of a load run notice whatever is lost or comes twice."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from bench.gatherings import FAULTS, Gathering, Member, audited
from tools.ops.client import Person
from tools.ops.client.person import Inbox

BOTH_LIKE, ONE_LIKES = 1, 2


class Product:
    """What it answers: as it must be, until a test spoils it."""

    def __init__(self) -> None:
        self.votes = [{"movieId": BOTH_LIKE, "vote": True}, {"movieId": ONE_LIKES, "vote": False}]
        self.matches = [{"movieId": BOTH_LIKE}]
        self.told = [BOTH_LIKE]
        self.feed = [
            {"seq": 1, "kind": "JOINED"},
            {"seq": 2, "kind": "PROGRESS", "userId": "a", "progress": {"voted": 1}},
            {"seq": 3, "kind": "PROGRESS", "userId": "a", "progress": {"voted": 2}},
            {"seq": 4, "kind": "PROGRESS", "userId": "b", "progress": {"voted": 2}},
            {"seq": 5, "kind": "MATCH", "movieId": BOTH_LIKE},
        ]


class Phone:
    """A person's phone; the other one's product is never spoiled."""

    def __init__(self, user_id: str, product: Product) -> None:
        self.user_id = user_id
        self.product = product

    async def ask(self, _document: str, **_: object) -> dict[str, Any]:
        return {"myVotes": self.product.votes}

    async def matches(self, **_: object) -> list[dict[str, Any]]:
        return self.product.matches

    async def room_feed(self, _room: str, after: int) -> list[dict[str, Any]]:
        return self.product.feed[after : after + 2]


def gathering(first: Product) -> Gathering:
    second = Product()
    second.votes[1] = {"movieId": ONE_LIKES, "vote": True}
    members = []
    for user_id, product, liked in (("a", first, False), ("b", second, True)):
        inbox = Inbox()
        inbox.received = [(0.0, {"movieId": film}) for film in product.told]
        person = cast("Person", Phone(user_id, product))
        members.append(Member(person, inbox, {BOTH_LIKE: True, ONE_LIKES: liked}))
    return Gathering("room", [BOTH_LIKE, ONE_LIKES], members)


async def test_nobody_complains_when_all_is_as_it_must_be() -> None:
    assert await audited([gathering(Product())]) == dict.fromkeys(FAULTS, 0)


@pytest.mark.parametrize(
    ("spoil", "faults"),
    [
        (lambda it: it.votes.pop(), {"votes lost": 1}),
        (lambda it: it.votes.append(it.votes[0]), {"votes doubled, or of nobody": 1}),
        (
            lambda it: it.votes.__setitem__(0, {"movieId": BOTH_LIKE, "vote": False}),
            {"votes lost": 1, "votes doubled, or of nobody": 1},
        ),
        (lambda it: it.matches.clear(), {"matches lost": 1}),
        (
            lambda it: it.matches.append({"movieId": ONE_LIKES}),
            {"matches doubled, or of nobody": 1},
        ),
        (lambda it: it.told.clear(), {"notifications lost": 1}),
        (lambda it: it.told.append(BOTH_LIKE), {"notifications doubled, or of nobody": 1}),
        (lambda it: it.feed[3].update(seq=7), {"feeds with gaps": 1}),
        (lambda it: it.feed.pop(), {"matches missing in feeds": 1}),
        (
            lambda it: it.feed[2].update(progress={"voted": 1}),
            {"counts of votes in feeds that are not the last": 1},
        ),
    ],
)
async def test_what_is_wrong_is_noticed_and_named(
    spoil: Callable[[Product], object], faults: dict[str, int]
) -> None:
    product = Product()
    spoil(product)
    assert await audited([gathering(product)]) == dict.fromkeys(FAULTS, 0) | faults
