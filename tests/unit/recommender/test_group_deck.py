"""The deck of a group: nobody's limit is broken, and a reason never says whose it is."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from matinee.filters import NO_FILTERS, Filters
from matinee.local_facts import LocalFacts
from matinee.media import MediaType, TitleKey
from matinee.questionnaire import Maturity
from recommender.domain.errors import AccountDeleted, GroupDeckUnavailable
from recommender.domain.group_deck import (
    DeckReason,
    DeckRequest,
    GroupLimits,
    HideSeen,
    group_deck,
    own_scores,
    shared_watchlist,
)
from recommender.domain.hard_filters import hard_filters
from recommender.domain.preferences import Preferences
from recommender.domain.taste import Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import TitleFacts
from recommender.handlers import group_deck as function
from recommender.ports import TastesUnavailable
from recommender.use_cases.deal_group_deck import DealGroupDeck
from tests.fakes.films import InMemoryTitles, cinema, film, learnt, liked, series
from tools.contracts.function_schemas import MODELS

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "recommender" / "GroupDeck"
EVENTS = ROOT / "events" / "recommender"
MOVIE, TV = MediaType.MOVIE, MediaType.TV
FILMS = [title for title in cinema() if title.key.media_type is MOVIE]
BY_KEY = {title.key: title for title in cinema()}


def wanting(limit: int = 50, **changes: Any) -> DeckRequest:  # noqa: ANN401 - any field
    return replace(DeckRequest(frozenset({MOVIE}), (), NO_FILTERS, limit), **changes)


def taste(
    favourites: Sequence[TitleFacts] = (),
    watchlist: Sequence[TitleFacts] = (),
    **preferences: object,
) -> Taste:
    return Taste(
        tuple(map(liked, favourites)),
        tuple(map(liked, watchlist)),
        Preferences.from_mapping(preferences),
    )


def dealt(
    tastes: Sequence[Taste], request: DeckRequest | None = None
) -> list[tuple[TitleFacts, DeckReason]]:
    request = request or wanting()
    shared = [BY_KEY[key] for key in shared_watchlist(tastes, request.media_types)]
    limits = GroupLimits.of(request, tastes)
    deck = group_deck(limits, tastes, shared, model=learnt(), size=request.limit)
    return [(BY_KEY[title.key], title.reason) for title in deck]


def some_group(seed: int, people: int) -> list[Taste]:
    """Return people with lists of their own, some of which they share, and with dislikes."""
    draw = random.Random(seed)  # noqa: S311 - invented people
    common = draw.sample(FILMS, 12)
    stated: list[dict[str, object]] = [
        {},
        {"dislikedGenres": ["27", "10752"]},
        {"minRating": 6.0},
        {"dealBreakers": ["violence", "jumpScares"]},
        {"maturityPreference": ["teens"]},
        {"dislikedGenres": ["10749"], "dealBreakers": ["animalHarm"]},
    ]
    return [
        taste(
            draw.sample(FILMS, draw.randint(0, 15)),
            [*draw.sample(common, 5), *draw.sample(FILMS, 5)],
            **draw.choice(stated),
        )
        for _ in range(people)
    ]


@pytest.mark.parametrize("people", [1, 2, 4, 10])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_breaks_anybody_s_limits(seed: int, people: int) -> None:
    group = some_group(seed, people)

    deck = dealt(group)

    assert deck
    for facts, _ in deck:
        for member in group:
            assert facts.key not in {entry.key for entry in member.favourites}
            for limit in hard_filters(member.preferences):
                assert limit.accepts(facts.traits()), limit.name


@pytest.mark.parametrize("seed", range(5))
def test_titles_of_several_lists_come_first(seed: int) -> None:
    group = some_group(seed, 4)

    reasons = [reason for _, reason in dealt(group)]

    order = list(DeckReason)
    assert reasons == sorted(reasons, key=order.index)
    limits = GroupLimits.of(wanting(), group)
    shared = [BY_KEY[key] for key in shared_watchlist(group, {MOVIE})]
    allowed = [facts for facts in shared if limits.accept(facts.traits())]
    assert [facts for facts, reason in dealt(group) if reason is DeckReason.SEVERAL_LISTS] == (
        allowed[:50]
    )


def test_a_list_of_one_alone_is_no_reason() -> None:
    group = [taste(watchlist=FILMS[:5]), taste(watchlist=FILMS[5:9])]

    assert DeckReason.SEVERAL_LISTS not in {reason for _, reason in dealt(group)}


def test_what_suits_one_least_counts() -> None:
    first, second = (
        [title for title in FILMS if set(title.genre_ids) == {genre}][:12] for genre in (35, 27)
    )
    group = [taste(first), taste(second)]

    deck = dealt(group, wanting(limit=20))

    fitting = [facts for facts, reason in deck if reason is DeckReason.FITS_EVERYBODY]
    assert all({35, 27} & set(facts.genre_ids) for facts in fitting[:3])


def test_strangers_get_what_is_popular() -> None:
    deck = dealt([Taste(), Taste()], wanting(limit=10))

    assert {reason for _, reason in deck} == {DeckReason.POPULAR}
    numbers = [learnt().number(facts.key) for facts, _ in deck]
    assert numbers == sorted(numbers, key=lambda number: number or 0)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(year_from=1990, year_to=2005),
        Filters(min_rating=6.5, excluded_genre_ids=(27, 35)),
        Filters(languages=("fr", "ja")),
        Filters(min_runtime=90, max_runtime=120),
    ],
    ids=str,
)
@pytest.mark.parametrize("genres", [(), (18, 35)])
def test_a_deck_keeps_the_filters_of_its_room(filters: Filters, genres: tuple[int, ...]) -> None:
    request = wanting(filters=filters, genre_ids=genres, exclude=frozenset({FILMS[0].key.id}))

    deck = dealt(some_group(1, 3), request)

    assert deck
    for facts, _ in deck:
        year = facts.release_date.year if facts.release_date else None
        assert not genres or set(genres) & set(facts.genre_ids)
        assert filters.admit(
            facts.genre_ids, year, facts.vote_average, facts.original_language or ""
        )
        assert (filters.min_runtime or 0) <= (facts.runtime or 0)
        assert (facts.runtime or 0) <= (filters.max_runtime or 10_000)
        assert facts.key != FILMS[0].key
        assert facts.vote_count >= 50


def test_seen_is_what_anybody_everybody_or_nobody_likes() -> None:
    every, some = FILMS[0], FILMS[1]
    group = [taste([every, some]), taste([every])]

    def has(hide: HideSeen) -> list[bool]:
        limits = GroupLimits.of(wanting(hide_seen=hide), group)
        return [limits.accept(title.traits()) for title in (every, some)]

    loose = [replace(title, vote_count=900, original_language="en") for title in (every, some)]
    assert all(title.vote_count >= 50 for title in loose)
    assert has(HideSeen.ANYBODY) == [False, False]
    assert has(HideSeen.EVERYBODY)[0] is False
    assert has(HideSeen.EVERYBODY)[1] == has(HideSeen.NOBODY)[1]


def test_a_deck_is_of_one_media_type() -> None:
    deck = dealt(some_group(2, 3), wanting(media_types=frozenset({TV})))

    assert {facts.key.media_type for facts, _ in deck} == {TV}


class Tastes:
    """Tastes in memory, or a fault."""

    def __init__(self, **tastes: Taste) -> None:
        self.tastes = tastes

    def get(self, user_id: str) -> Taste:
        if user_id == "gone":
            raise AccountDeleted
        if user_id not in self.tastes:
            raise TastesUnavailable
        return self.tastes[user_id]

    def require_account(self, user_id: str) -> None:
        raise NotImplementedError(user_id)


def use_case(titles: Sequence[TitleFacts], **tastes: Taste) -> DealGroupDeck:
    model = SimpleNamespace(current=lambda: TitleIndex(titles[:40]))
    return DealGroupDeck(Tastes(**tastes), cast("Any", model), InMemoryTitles(titles))


def test_a_title_that_the_model_does_not_know_can_be_shared() -> None:
    titles = [film(n, poster_path="/p.jpg", overview="Text.") for n in range(1, 80)]
    ann, bob = taste(watchlist=titles[70:75]), taste(watchlist=titles[72:78])

    deck = use_case(titles, ann=ann, bob=bob)(["ann", "bob"], wanting(limit=10))

    assert [facts.key.id for facts, _ in deck[:3]] == [73, 74, 75]
    assert len(deck) == 10


ADULTS, TEENS, KIDS, UNKNOWN, GORY, HORROR = range(1, 7)


@pytest.mark.parametrize(
    ("levels", "dealt"),
    [
        (["adults"], {ADULTS, TEENS, KIDS, UNKNOWN, GORY, HORROR}),
        (["adults", "teens"], {TEENS, KIDS, UNKNOWN, HORROR}),
        (["adults", "kids"], {KIDS, UNKNOWN}),
        (["teens", "kids"], {KIDS, UNKNOWN}),
    ],
)
def test_what_is_not_for_the_youngest_is_dealt_to_nobody(
    levels: Sequence[str], dealt: set[int]
) -> None:
    """Not even when it is on everybody's list; and it scores nothing for them elsewhere."""
    shown = {"poster_path": "/p.jpg", "overview": "Text."}
    titles = [
        film(ADULTS, **shown, maturity=Maturity.ADULTS),
        film(TEENS, **shown, maturity=Maturity.TEENS),
        film(KIDS, **shown, maturity=Maturity.KIDS),
        film(UNKNOWN, **shown),
        film(GORY, **shown, keywords=("gore",)),
        film(HORROR, **shown, genre_ids=(27,), maturity=Maturity.TEENS),
    ]
    tastes = {
        f"user{n}": taste(watchlist=titles, maturityPreference=[level])
        for n, level in enumerate(levels)
    }

    deck = use_case(titles, **tastes)(list(tastes), wanting())

    assert {facts.key.id for facts, _ in deck} == dealt
    youngest = own_scores(
        tastes[f"user{len(levels) - 1}"], [title.key for title in titles], TitleIndex(titles)
    )
    assert {key.id for key, score in youngest.items() if score > 0} == dealt


def test_what_cannot_be_shown_is_not_dealt() -> None:
    titles = [
        film(1, poster_path=None, overview="Text."),
        film(2, poster_path="/p.jpg", overview=" "),
        film(3, "千と千尋", poster_path="/p.jpg", overview="Text."),
        film(4, poster_path="/p.jpg", overview="Text."),
        series(5, poster_path="/p.jpg", overview="Text."),
    ]

    deck = use_case(titles, ann=Taste())(["ann"], wanting())

    assert [facts.key for facts, _ in deck] == [TitleKey(MOVIE, 4)]


IN_GERMANY = Filters(certification="12", certification_country="DE")
STREAMED = Filters(provider_ids=(8,), provider_country="DE")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [(IN_GERMANY, [(MOVIE, 1), (TV, 1)]), (STREAMED, [(MOVIE, 1), (MOVIE, 2)])],
)
def test_filters_of_a_country_hold_for_films_and_series(
    filters: Filters, expected: list[tuple[MediaType, int]]
) -> None:
    shown = {"poster_path": "/p.jpg", "overview": "Text."}
    titles = [
        film(1, **shown, local=LocalFacts.of({"DE": "6"}, {"DE": [8, 9]})),
        film(2, **shown, local=LocalFacts.of({"DE": "16", "US": "PG"}, {"DE": [8]})),
        series(1, **shown, local=LocalFacts.of({"DE": "12"}, {"DE": [9], "FR": [8]})),
        series(2, **shown, local=LocalFacts.of({"DE": "unknown"}, {})),
        film(3, **shown),
    ]
    request = wanting(media_types=frozenset(MediaType), filters=filters)

    deck = use_case(titles, ann=Taste())(["ann"], request)

    assert sorted(facts.key for facts, _ in deck) == [TitleKey(*key) for key in expected]


def test_films_and_series_are_dealt_together() -> None:
    titles = [
        one(n, poster_path="/p.jpg", overview="Text.")
        for n in range(1, 20)
        for one in (film, series)
    ]
    ann, bob = taste(watchlist=titles[:4]), taste(watchlist=titles[2:6])

    deck = use_case(titles, ann=ann, bob=bob)(
        ["ann", "bob"], wanting(media_types=frozenset(MediaType))
    )

    assert [facts.key for facts, _ in deck[:2]] == [TitleKey(MOVIE, 2), TitleKey(TV, 2)]
    assert {facts.key.media_type for facts, _ in deck[2:]} == {MOVIE, TV}


def test_without_somebody_s_taste_there_is_no_deck() -> None:
    deal = use_case(FILMS, ann=Taste())

    with pytest.raises(GroupDeckUnavailable):
        deal(["ann", "eve"], wanting())


def test_a_deleted_user_objects_to_nothing() -> None:
    titles = [film(n, poster_path="/p.jpg", overview="Text.") for n in range(1, 30)]

    assert len(use_case(titles, ann=Taste())(["ann", "gone"], wanting(limit=20))) == 20


def test_without_a_model_the_best_titles_are_dealt() -> None:
    titles = [film(n, poster_path="/p.jpg", overview="Text.") for n in range(1, 60)]
    untrained = cast("Any", SimpleNamespace(current=lambda: None))

    deck = DealGroupDeck(Tastes(ann=Taste()), untrained, InMemoryTitles(titles))(["ann"], wanting())

    assert len(deck) == 50


class TestFunction:
    @pytest.fixture
    def found(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Sequence[str], DeckRequest]]:
        asked: list[tuple[Sequence[str], DeckRequest]] = []

        def deal(user_ids: Sequence[str], request: DeckRequest) -> Any:  # noqa: ANN401
            asked.append((user_ids, request))
            if "eve" in user_ids:
                raise GroupDeckUnavailable
            return [(film(7, "Amélie", poster_path="/p.jpg"), DeckReason.SEVERAL_LISTS)]

        monkeypatch.setattr(function, "deal_group_deck", lambda: deal)
        return asked

    def invoke(self, event: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        context = SimpleNamespace(
            function_name="GroupDeckFunction",
            function_version="1",
            memory_limit_in_mb=1769,
            invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:GroupDeckFunction",
            aws_request_id="019b0000-0000-7000-8000-00000000000f",
        )
        answer = json.loads(json.dumps(function.handler(event, cast("Any", context))))
        check(answer, "response")
        return answer

    def test_returns_ids_with_reasons_and_never_who(
        self, found: list[tuple[Sequence[str], DeckRequest]]
    ) -> None:
        request = json.loads((EVENTS / "GroupDeckFunction.invoke.valid.json").read_text())

        [title] = self.invoke(request)["data"]["titles"]

        assert (title["id"], title["reason"]) == (7, "SEVERAL_LISTS")
        assert not any(user in json.dumps(title) for user in request["userIds"])
        [(users, wanted)] = found
        assert list(users) == request["userIds"]
        assert wanted == DeckRequest(
            frozenset({MOVIE}),
            (18, 35),
            Filters(year_from=1990, max_runtime=140),
            25,
            frozenset({4711}),
        )

    def test_each_media_type_has_its_own_genres(
        self, found: list[tuple[Sequence[str], DeckRequest]]
    ) -> None:
        event = json.loads((EVENTS / "GroupDeckFunction.invoke.both-types.json").read_text())
        event["filters"]["excludedGenreIds"] = [878]

        self.invoke(event)

        [(_, wanted)] = found
        assert (wanted.media_types, wanted.genre_ids) == (frozenset(MediaType), (28, 10759))
        assert wanted.filters.excluded_genre_ids == (878, 10765)

    @pytest.mark.parametrize(
        ("event", "field"),
        [
            ({"mediaType": "movie"}, "userIds"),
            ({"userIds": [], "mediaType": "movie"}, "userIds"),
            ({"userIds": ["a"] * 51, "mediaType": "movie"}, "userIds"),
            ({"userIds": ["a"], "mediaType": "book"}, "mediaType"),
            ({"userIds": ["a"], "mediaType": "movie", "limit": 51}, "limit"),
            ({"userIds": ["a"], "mediaType": "movie", "hideSeenBy": "ME"}, "hideSeenBy"),
            (
                {
                    "userIds": ["a"],
                    "mediaType": "movie",
                    "filters": {"excludedGenreIds": [10759]},
                },
                "input",
            ),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(
        self, found: list[object], event: dict[str, Any], field: str
    ) -> None:
        error = self.invoke(event)["error"]

        assert (error["type"], list(error["info"]["fields"])) == ("InvalidInput", [field])
        assert found == []

    def test_a_failure_has_a_type(self, found: list[object]) -> None:
        error = self.invoke({"userIds": ["eve"], "mediaType": "movie"})["error"]

        assert error["type"] == "GroupDeckUnavailable"
        assert len(found) == 1


def check(value: object, part: str) -> None:
    version, *_ = MODELS["recommender/GroupDeck"]
    schema = json.loads((CONTRACT / f"{version}.{part}.json").read_text())
    Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize(
    "path", sorted(CONTRACT.glob("*.example.json")), ids=lambda path: path.name
)
def test_every_example_satisfies_the_contract(path: Path) -> None:
    check(json.loads(path.read_text()), path.name.split(".")[2])
