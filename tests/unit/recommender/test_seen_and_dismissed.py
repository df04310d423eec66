"""Seen and dismissed titles: out for good, and a weight for or against what is like them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from matinee.filters import NO_FILTERS
from matinee.media import TitleKey
from recommender.domain.group_deck import DeckRequest, GroupLimits, HideSeen
from recommender.domain.profile import build_profile
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendations
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import ListEntry, Opinion, Taste
from recommender.domain.titles import TitleFacts
from recommender.domain.tuning import TUNED
from tests.fakes.films import MOVIE, NOW, InMemoryTitles, cinema, learnt, liked

FILMS = [title for title in cinema() if title.key.media_type is MOVIE]
EVERY = frozenset(title.key for title in FILMS)
REQUEST = ResolvedRequest(frozenset({MOVIE}), limit=50)


def seen(title: TitleFacts, opinion: Opinion | None = None) -> ListEntry:
    return replace(liked(title), opinion=opinion)


def served(taste: Taste, **more: object) -> Recommendations:
    stores = {"model": learnt(), "projection": InMemoryTitles(cinema()), "catalogue": None}
    return recommend(REQUEST, taste, now=NOW, **{**stores, **more})  # type: ignore[arg-type]


def keys(answer: Recommendations) -> set[TitleKey]:
    return {item.key for item in answer.items}


@pytest.mark.parametrize("name", ["seen", "dismissed"])
@pytest.mark.parametrize("layer", ["model", "projection", "catalogue", "built in"])
def test_seen_and_dismissed_titles_are_recommended_by_no_layer(name: str, layer: str) -> None:
    stores: dict[str, object] = {"model": learnt(), "projection": InMemoryTitles(cinema())}
    if layer != "model":
        stores["model"] = None
    if layer in {"catalogue", "built in"}:
        stores["projection"] = None
    if layer == "catalogue":
        stores["catalogue"] = InMemoryTitles(cinema())
    first = served(Taste(), **stores)
    entries = tuple(ListEntry(item.key) for item in first.items[:20])

    again = served(replace(Taste(), **{name: entries}), **stores)  # type: ignore[arg-type]

    assert not keys(again) & {entry.key for entry in entries}


def similarity(taste: Taste, title: TitleFacts) -> float:
    """Return how strongly a taste's entries speak for the titles that are like one."""
    profile = build_profile(taste, learnt(), TUNED)
    return sum(entry.weight for entry in profile.entries if entry.entry.key == title.key)


def test_an_opinion_counts_less_than_a_favourite_and_either_way() -> None:
    title = FILMS[0]
    weights: Sequence[float] = [
        similarity(Taste(favourites=(liked(title),)), title),
        similarity(Taste(seen=(seen(title, Opinion.LIKED),)), title),
        similarity(Taste(seen=(seen(title, Opinion.FINE),)), title),
        similarity(Taste(dismissed=(liked(title),)), title),
        similarity(Taste(seen=(seen(title, Opinion.DISLIKED),)), title),
    ]

    assert weights == [1.0, 0.5, 0.0, -0.25, -0.5]


def test_a_favourite_that_was_seen_counts_once() -> None:
    title = FILMS[0]
    taste = Taste(favourites=(liked(title),), seen=(seen(title, Opinion.LIKED),))

    assert similarity(taste, title) == 1.0


@pytest.mark.parametrize(
    "against", [{"seen": Opinion.DISLIKED}, {"dismissed": None}], ids=["disliked", "dismissed"]
)
def test_what_is_like_a_disliked_title_falls(against: dict[str, Opinion | None]) -> None:
    [(name, opinion)] = against.items()
    base = Taste(favourites=tuple(liked(title) for title in FILMS[:6]))
    plain = {item.key: item.score for item in served(base).items}
    model = learnt()
    title = next(
        title
        for title in FILMS[6:]
        if (number := model.number(title.key)) is not None
        and any(model.key(n) in plain and w > 0 for n, w in model.neighbours(number).items())
    )
    number = model.number(title.key)
    assert number is not None
    near = {model.key(n) for n in model.neighbours(number)} & plain.keys()

    taste = replace(base, **{name: (seen(title, opinion),)})  # type: ignore[arg-type]
    answer = {item.key: item.score for item in served(taste).items}

    assert near & answer.keys()
    changes = [answer[key] - plain[key] for key in near & answer.keys()]
    assert sum(changes) < 0


def test_a_reason_names_what_was_liked_and_never_what_was_not() -> None:
    titles = FILMS[:8]
    taste = Taste(
        seen=(
            *(seen(title, Opinion.LIKED) for title in titles[:4]),
            *(seen(title, Opinion.DISLIKED) for title in titles[4:]),
        )
    )

    named = {item.because_of for item in served(taste).items if item.because_of}

    assert named
    assert named <= {title.key for title in titles[:4]}
    for item in served(taste).items:
        assert "watchlist" not in item.reason


@pytest.mark.parametrize(
    ("hide", "hidden"),
    [(HideSeen.ANYBODY, {0, 1}), (HideSeen.EVERYBODY, {0}), (HideSeen.NOBODY, set())],
)
def test_a_groups_deck_hides_seen_titles_and_all_that_are_dismissed(
    hide: HideSeen, hidden: set[int]
) -> None:
    ann = Taste(seen=(seen(FILMS[0]), seen(FILMS[1])), dismissed=(liked(FILMS[2]),))
    bob = Taste(favourites=(liked(FILMS[0]),))
    request = replace(DeckRequest(frozenset({MOVIE}), (), NO_FILTERS, 50), hide_seen=hide)

    limits = GroupLimits.of(request, [ann, bob])

    assert limits.excluded == {FILMS[number].key for number in {*hidden, 2}}
    assert not limits.accept(FILMS[2].traits())
