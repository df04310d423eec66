"""Swipes teach: a yes in a room is a weak like, unless the user does not want that."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope, Registry
from matinee.filters import NO_FILTERS
from recommender.domain.group_deck import DeckRequest, GroupLimits, shared_watchlist
from recommender.domain.preferences import Preferences
from recommender.domain.profile import build_profile
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendation
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import ListEntry, Opinion, Taste, TasteList
from recommender.domain.tuning import TUNED
from recommender.events.consumed import CONSUMERS, UserDeleted
from recommender.events.handling import handle_vote_cast
from recommender.use_cases.project_tastes import ProjectSwipes
from tests.fakes.films import MOVIE, NOW, InMemoryTitles, cinema, learnt, liked
from tests.fakes.recommender import FakeTastes

EVENTS = Path(__file__).parents[3] / "events" / "recommender"
FILMS = [title for title in cinema() if title.key.media_type is MOVIE]
SWIPED = tuple(liked(title, days_ago=age) for age, title in enumerate(FILMS[:3]))
OFF = Preferences(learn_from_swipes=False)


def served(taste: Taste) -> Sequence[Recommendation]:
    request = ResolvedRequest(frozenset({MOVIE}), limit=20)
    stores = {"model": learnt(), "projection": InMemoryTitles(cinema()), "catalogue": None}
    return recommend(request, taste, now=NOW, **stores).items  # type: ignore[arg-type]


def weights(taste: Taste) -> list[tuple[TasteList, float]]:
    profile = build_profile(taste, learnt(), TUNED)
    return [(entry.source, entry.share) for entry in profile.entries]


def test_a_yes_weighs_as_an_entry_of_the_watchlist() -> None:
    swiped, listed = Taste(swiped=SWIPED), Taste(watchlist=SWIPED)

    assert weights(swiped) == [(TasteList.SWIPES, 0.3)] * 3
    assert [item.score for item in served(swiped)] == [item.score for item in served(listed)]
    assert {item.key for item in served(swiped)} == {item.key for item in served(listed)}


def test_who_opts_out_is_served_as_without_swipes() -> None:
    without = Taste(favourites=(liked(FILMS[5]),))

    assert served(replace(without, swiped=SWIPED)) != served(without)
    assert served(replace(without, swiped=SWIPED, preferences=OFF)) == served(without)
    asked = {"learnFromSwipes": False}
    assert Taste(swiped=SWIPED).merged_with((), (), asked).lessons == ()


@pytest.mark.parametrize(
    "lists",
    [
        {"favourites": (liked(FILMS[0]),)},
        {"watchlist": (liked(FILMS[0]),)},
        {"dismissed": (liked(FILMS[0]),)},
        {"seen": (replace(liked(FILMS[0]), opinion=Opinion.DISLIKED),)},
    ],
    ids=lambda lists: next(iter(lists)),
)
def test_what_a_list_says_of_a_title_counts_alone(lists: dict[str, tuple[ListEntry, ...]]) -> None:
    taste = Taste(swiped=SWIPED[:1], **lists)  # type: ignore[arg-type]

    assert taste.lessons == ()


def test_a_title_of_several_rooms_is_learnt_once() -> None:
    later = replace(SWIPED[0], added_at=NOW)
    seen = Taste(swiped=(later, *SWIPED), seen=(liked(FILMS[1]),))

    assert [entry.key for entry in seen.lessons] == [FILMS[n].key for n in (2, 1, 0)]
    assert seen.lessons[-1] == later


def test_a_reason_says_that_they_said_yes() -> None:
    taste = Taste(swiped=SWIPED)

    reasons = {item.reason for item in served(taste) if item.because_of}

    assert reasons
    assert all(reason.startswith("Because you said yes to ") for reason in reasons)


def test_a_groups_deck_neither_hides_nor_tells_what_was_swiped() -> None:
    group = [Taste(swiped=SWIPED), Taste(swiped=SWIPED)]

    limits = GroupLimits.of(DeckRequest(frozenset({MOVIE}), (), NO_FILTERS, 50), group)

    assert limits.excluded == frozenset()
    assert shared_watchlist(group, [MOVIE]) == []


def votes(sample: str, **changes: object) -> list[Envelope[Contract]]:
    records = json.loads((EVENTS / f"{sample}.json").read_text())["Records"]
    details = [json.loads(record["body"])["detail"] for record in records]
    for detail in details:
        detail["data"] |= changes
    read = Registry(CONSUMERS["SwipeProjectorFunction"]).read
    return [read(detail) for detail in details]


def test_a_vote_that_is_taken_back_teaches_nothing() -> None:
    tastes = FakeTastes()
    cast, withdrawn = votes("SwipeProjectorFunction.sqs.yes-then-taken-back")
    user = cast.data.model_dump()["user_id"]

    handle_vote_cast(ProjectSwipes(tastes), cast)
    assert [entry.added_at for entry in tastes.get(user).swiped] == [cast.metadata.occurred_at]

    for event in (withdrawn, cast):
        handle_vote_cast(ProjectSwipes(tastes), event)
    assert tastes.get(user).swiped == ()


def test_a_vote_without_media_type_and_other_events_are_not_stored() -> None:
    tastes = FakeTastes()
    [cast, _] = votes("SwipeProjectorFunction.sqs.yes-then-taken-back", media_type=None)

    handle_vote_cast(ProjectSwipes(tastes), cast)

    assert tastes.swipes == {}
    with pytest.raises(Unprocessable):
        handle_vote_cast(ProjectSwipes(tastes), replace_data(cast, UserDeleted(user_id="ann")))


def replace_data(event: Envelope[Contract], data: Contract) -> Envelope[Contract]:
    return Envelope[Contract].model_construct(metadata=event.metadata, data=data)
