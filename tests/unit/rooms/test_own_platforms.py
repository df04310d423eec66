"""A room of what its host can stream."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from matinee.filters import Filters
from rooms.adapters.lambda_.own_platforms_client import LambdaOwnPlatforms
from rooms.domain.errors import NoOwnPlatforms, PlatformsUnavailable
from rooms.use_cases.limit_to_platforms import PlatformLimiter
from tests.fakes.rooms import FakeOwnPlatforms

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "recommender" / "OwnScores"
EXAMPLE = CONTRACT / "1.1.response.example.json"


def limited(country: str = "DE", ids: tuple[int, ...] = (337, 8)) -> Filters:
    limit = PlatformLimiter(FakeOwnPlatforms({"ann": (country, ids)}))
    return limit(Filters(min_rating=7), "ann", "c-1")


def test_own_platforms_are_filters_beside_the_others() -> None:
    assert limited() == Filters(min_rating=7, provider_ids=(8, 337), provider_country="DE")


def test_of_very_many_platforms_the_first_count() -> None:
    assert limited(ids=tuple(range(30, 0, -1))).provider_ids == tuple(range(11, 31))


@pytest.mark.parametrize("known", [{}, {"ann": ("DE", ())}], ids=["no region", "no platforms"])
def test_a_host_without_platforms_is_told(known: dict[str, tuple[str, tuple[int, ...]]]) -> None:
    with pytest.raises(NoOwnPlatforms):
        PlatformLimiter(FakeOwnPlatforms(known))(Filters(), "ann", "c-1")


class FakeLambda:
    """The recommender's function, which responds with some bytes."""

    def __init__(self, response: bytes) -> None:
        self.requests: list[dict[str, Any]] = []
        self.response = response

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert FunctionName == "own-scores"
        self.requests.append(json.loads(Payload))
        return {"Payload": io.BytesIO(self.response)}


def client(response: bytes) -> tuple[LambdaOwnPlatforms, FakeLambda]:
    function: Any = FakeLambda(response)
    return LambdaOwnPlatforms("own-scores", function), function


def test_platforms_are_asked_for_by_the_contract() -> None:
    platforms, function = client(EXAMPLE.read_bytes())

    assert platforms.find("ann", "c-1") == ("DE", (8, 1796, 337))
    assert function.requests == [{"userId": "ann", "withPlatforms": True, "correlationId": "c-1"}]


def test_nobody_has_platforms_without_a_region() -> None:
    assert client(b'{"data": {"scores": [], "platforms": null}}')[0].find("ann", "c-1") is None


@pytest.mark.parametrize("response", [b"{}", b'{"error": {"type": "X", "message": "x"}}', b"-"])
def test_a_failure_is_no_empty_answer(response: bytes) -> None:
    with pytest.raises(PlatformsUnavailable):
        client(response)[0].find("ann", "c-1")
