"""How well the titles of a room suit one of its participants."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from matinee.media import TitleKey
from recommender.domain.errors import GroupDeckUnavailable
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleFacts, TitlesUnavailable
from recommender.handlers import own_scores as function
from recommender.use_cases.find_own_platforms import FindOwnPlatforms
from recommender.use_cases.score_titles import ScoreTitles
from tests.fakes.films import film, learnt
from tests.unit.recommender.test_group_deck import FILMS, Tastes, taste

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "recommender" / "OwnScores"
EVENTS = ROOT / "events" / "recommender"
KEYS = [title.key for title in FILMS]
HORROR = 27


def scores(mine: Taste, keys: list[TitleKey] | None = None) -> dict[TitleKey, float]:
    trained = cast("Any", SimpleNamespace(current=learnt))
    return dict(ScoreTitles(Tastes(ann=mine), trained)("ann", keys or KEYS))


def genres_of(title: TitleFacts) -> set[int]:
    return set(title.genre_ids)


def test_what_they_like_scores_higher() -> None:
    liked_genre = FILMS[0].genre_ids[0]
    mine = [title for title in FILMS if liked_genre in title.genre_ids]

    found = scores(taste(favourites=mine[:5]))

    rest = [title for title in FILMS if title not in mine[:5]]
    near = [found[title.key] for title in rest if liked_genre in genres_of(title)]
    far = [found[title.key] for title in rest if liked_genre not in genres_of(title)]
    assert sum(near) / len(near) > sum(far) / len(far)
    assert all(0 <= score <= 100 for score in found.values())


def test_what_breaks_their_deal_scores_nothing() -> None:
    found = scores(taste(favourites=FILMS[:3], dislikedGenres=[str(HORROR)]))

    broken = {title.key for title in FILMS if HORROR in title.genre_ids}
    assert broken
    assert {key for key, score in found.items() if score == 0.0} >= broken


def test_tells_the_providers_that_a_user_means() -> None:
    names = {8: "Netflix", 9: "Amazon Prime Video", 337: "Disney Plus", 1796: "Netflix with Ads"}
    mine = taste(streamingPlatforms=["Disney+", "netflix", "MUBI", "8"], region="DE")

    find = FindOwnPlatforms(Tastes(ann=mine), lambda: names)

    assert find("ann") == ("DE", [337, 8, 1796])


def test_without_a_region_no_platform_can_be_told() -> None:
    find = FindOwnPlatforms(Tastes(ann=taste(streamingPlatforms=["Netflix"])), dict)

    assert find("ann") is None


def test_names_that_cannot_be_read_are_no_empty_answer() -> None:
    def fail() -> dict[int, str]:
        raise TitlesUnavailable

    with pytest.raises(GroupDeckUnavailable):
        FindOwnPlatforms(Tastes(ann=taste(region="DE")), fail)("ann")


def test_a_limit_alone_is_told_too() -> None:
    found = scores(taste(dealBreakers=["jumpScares"]))

    assert found
    assert set(found.values()) == {0.0}


def test_nothing_is_said_of_nobody_and_of_nothing() -> None:
    assert scores(Taste()) == {}
    assert scores(taste(favourites=FILMS[:3]), [film(999_999).key]) == {}


def test_a_deleted_user_has_no_scores() -> None:
    trained = cast("Any", SimpleNamespace(current=learnt))

    assert ScoreTitles(Tastes(), trained)("gone", KEYS) == {}


def test_without_a_model_there_are_no_scores() -> None:
    untrained = cast("Any", SimpleNamespace(current=lambda: None))

    assert ScoreTitles(Tastes(ann=taste(favourites=FILMS[:3])), untrained)("ann", KEYS) == {}


def test_a_taste_that_cannot_be_read_is_an_error() -> None:
    trained = cast("Any", SimpleNamespace(current=learnt))

    with pytest.raises(GroupDeckUnavailable):
        ScoreTitles(Tastes(), trained)("eve", KEYS)


def invoke(event: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    context = SimpleNamespace(
        function_name="OwnScoresFunction",
        function_version="1",
        memory_limit_in_mb=1769,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:OwnScoresFunction",
        aws_request_id="019b0000-0000-7000-8000-00000000000f",
    )
    answer = json.loads(json.dumps(function.handler(event, cast("Any", context))))
    schema = json.loads((CONTRACT / "1.0.response.json").read_text())
    Draft202012Validator(schema).validate(answer)
    return answer


def sample(case: str) -> dict[str, Any]:
    text = (EVENTS / f"OwnScoresFunction.invoke.{case}.json").read_text()
    return cast("dict[str, Any]", json.loads(text))


def test_the_function_keeps_its_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    def score(_: str, keys: list[TitleKey]) -> dict[TitleKey, float]:
        return dict.fromkeys(keys[:1], 12.34567)

    monkeypatch.setattr(function, "score_titles", lambda: score)

    assert invoke(sample("valid"))["data"] == {
        "scores": [{"mediaType": "movie", "id": 550, "score": 12.346}],
        "platforms": None,
    }
    monkeypatch.setattr(function, "find_own_platforms", lambda: lambda _: ("DE", [8]))
    asked = {"userId": "ann", "withPlatforms": True}
    assert invoke(asked)["data"] == {
        "scores": [],
        "platforms": {"country": "DE", "providerIds": [8]},
    }
    assert invoke(sample("nobody"))["error"]["type"] == "InvalidInput"
