"""Preferences: partial answers merge, nobody's are lost, and each change is told once."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

import pytest

from library.adapters.dynamodb.items import preferences_item
from library.api.preference_schemas import PreferencesChange, ShownPreferences, accepts, etag_of
from library.domain.errors import (
    AccountDeleted,
    LibraryBusy,
    PreferencesChanged,
    PreferencesTooLong,
    RangeReversed,
)
from library.domain.preferences import DEFAULTS, NOT_TASTE, Preferences
from library.events.published import PreferencesUpdated
from library.ports import Overtaken
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import detail
from matinee.validation import validate
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, Library
from tests.fakes.schedule import Task, every_order

WORDS = {name for name in DEFAULTS if name.endswith("Preferences")} | {
    "keywords",
    "streamingPlatforms",
    "watchingContext",
    "watchingTime",
    "maturityPreference",
    "viewingBehaviorPreference",
}
"""Questions that are answered with a list of words of one's own."""


@pytest.fixture
def library() -> Library:
    return Library()


def tag(version: int, user: str = "ann") -> str:
    return etag_of(user, Preferences(version=version))


def told(library: Library) -> list[PreferencesUpdated]:
    data = [event.data for event in library.shelves.outbox]
    return [one for one in data if isinstance(one, PreferencesUpdated)]


def test_who_has_said_nothing_has_defaults(library: Library) -> None:
    found = library.preferences.find("ann")

    assert found == Preferences()
    assert found.shown(NOON) == {**DEFAULTS, "releaseYearEnd": 2026}


def test_every_question_has_a_default() -> None:
    questions = {field.alias for field in PreferencesChange.model_fields.values()}

    assert set(DEFAULTS) | {"releaseYearEnd"} == questions
    assert set(ShownPreferences(**DEFAULTS, updated_at=None).model_dump(by_alias=True)) == (
        questions | {"updatedAt"}
    )


def test_an_answer_is_stored_and_the_others_stay(library: Library) -> None:
    library.preferences.change("ann", {"keywords": ["heist"]}, TRACE)
    library.now.advance(minutes=1)

    saved = library.preferences.change("ann", {"minRating": 7}, TRACE)

    assert saved.answers == {"keywords": ["heist"], "minRating": 7}
    assert (saved.version, saved.updated_at) == (2, NOON + timedelta(minutes=1))
    assert library.preferences.find("ann") == saved
    assert library.preferences.find("bob") == Preferences()


def test_null_takes_an_answer_back(library: Library) -> None:
    library.preferences.change("ann", {"keywords": ["heist"], "minRating": 7}, TRACE)

    saved = library.preferences.change("ann", {"minRating": None}, TRACE)

    assert saved.answers == {"keywords": ["heist"]}


def test_of_two_kinds_of_people_one_may_be_named_alone(library: Library) -> None:
    def save(people: dict[str, object] | None) -> object:
        changes = validate(PreferencesChange, {"favoritePeople": people}).answers
        return library.preferences.change("ann", changes, TRACE).shown(NOON)["favoritePeople"]

    nobody: dict[str, list[str]] = {"actors": [], "directors": []}
    assert save({"directors": ["Ada Quill"]}) == {"actors": [], "directors": ["Ada Quill"]}
    assert save({"actors": ["Bo Finn"]}) == {"actors": ["Bo Finn"], "directors": ["Ada Quill"]}
    assert save({"directors": None}) == {"actors": ["Bo Finn"], "directors": []}
    assert told(library)[-1].preferences.model_dump(exclude_none=True) == {
        "favoritePeople": {"actors": ["Bo Finn"]}
    }
    assert save({"actors": []}) == nobody
    assert save(None) == nobody
    assert library.preferences.find("ann").answers == {}


@pytest.mark.parametrize("letter", ["x", "é", "漢", "🎬", '"', "\x01"])
def test_what_is_said_can_always_be_stored_and_told(library: Library, letter: str) -> None:
    words = [f"{number:02}{letter * 98}" for number in range(50)]

    def say_all() -> None:
        for name in sorted(WORDS):
            library.preferences.change("ann", {name: words}, TRACE)

    with pytest.raises(PreferencesTooLong):
        say_all()

    stored = library.preferences.find("ann")
    (*_, event) = library.shelves.outbox
    assert stored.version == len(told(library)) > 1
    assert len(detail(event).encode()) < 128 * 1024
    assert len(str(preferences_item("ann", stored)).encode()) < 400 * 1024


def test_the_event_has_the_whole_taste_but_no_words_of_his_own(library: Library) -> None:
    said = {"favoriteGenres": [28], "favoriteContent": "anything", "questionnaireCompleted": True}
    library.preferences.change("ann", said, TRACE)
    library.preferences.change("ann", {"watchingTime": "evening"}, TRACE)

    [first, second] = told(library)
    assert (first.version, second.version) == (1, 2)
    assert second.preferences.model_dump(exclude_none=True) == {
        "favoriteGenres": [28],
        "watchingTime": ["evening"],
    }


def test_every_answer_that_is_taste_can_be_told() -> None:
    questions = {field.alias for field in PreferencesChange.model_fields.values()}
    [taste] = [
        field.annotation
        for name, field in PreferencesUpdated.model_fields.items()
        if name == "preferences"
    ]

    assert set(taste.model_fields) == questions - NOT_TASTE  # type: ignore[union-attr]


@pytest.mark.parametrize("changes", [{"minRating": 7}, {"keywords": None}, {}])
def test_what_changes_nothing_is_not_stored_and_not_told(
    library: Library, changes: dict[str, object]
) -> None:
    before = library.preferences.change("ann", {"minRating": 7}, TRACE)
    library.now.advance(hours=1)

    assert library.preferences.change("ann", changes, TRACE) == before
    assert len(told(library)) == 1
    assert library.shelves.requests["preferences saved"] == 1


@pytest.mark.parametrize(
    ("stored", "changes", "field"),
    [
        ({}, {"minRating": 8, "maxRating": 7}, "minRating"),
        ({"minRating": 8}, {"maxRating": 7}, "minRating"),
        ({"releaseYearEnd": 1990}, {"releaseYearStart": 1991}, "releaseYearStart"),
    ],
)
def test_a_range_never_ends_before_it_begins(
    library: Library, stored: dict[str, object], changes: dict[str, object], field: str
) -> None:
    before = library.preferences.change("ann", stored, TRACE)

    with pytest.raises(RangeReversed) as refused:
        library.preferences.change("ann", changes, TRACE)

    assert refused.value.info["fields"] == {field: f"must not be above {_upper(field)}"}
    assert library.preferences.find("ann") == before


def _upper(field: str) -> str:
    return {"minRating": "maxRating", "releaseYearStart": "releaseYearEnd"}[field]


def test_a_range_may_begin_where_it_ends_and_in_the_future(library: Library) -> None:
    saved = library.preferences.change("ann", {"minRating": 7, "maxRating": 7}, TRACE)
    later = library.preferences.change("ann", {"releaseYearStart": 2031}, TRACE)

    assert saved.answers == {"minRating": 7, "maxRating": 7}
    assert later.shown(NOON)["releaseYearEnd"] == 2031


def test_a_reset_takes_everything_back_and_goes_on_counting(library: Library) -> None:
    library.preferences.change("ann", {"minRating": 7}, TRACE)

    fresh = library.preferences.reset("ann", TRACE)
    again = library.preferences.reset("ann", TRACE)

    assert (fresh.answers, fresh.version) == ({}, 2)
    assert again == fresh
    [_, event] = told(library)
    assert event.preferences.model_dump(exclude_none=True) == {}


def test_a_state_that_is_no_longer_is_not_changed(library: Library) -> None:
    library.preferences.change("ann", {"minRating": 7}, TRACE)
    library.preferences.change("ann", {"minRating": 8}, TRACE, accepts("ann", tag(1)))

    with pytest.raises(PreferencesChanged):
        library.preferences.change("ann", {"minRating": 9}, TRACE, accepts("ann", tag(1)))
    with pytest.raises(PreferencesChanged):
        library.preferences.reset("ann", TRACE, accepts("ann", tag(1)))
    assert library.preferences.find("ann").answers == {"minRating": 8}


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (tag(2), True),
        (f"{tag(1)}, {tag(2)}", True),
        ("*", True),
        (None, True),
        (tag(1), False),
        (tag(2, "bob"), False),
        (f"W/{tag(2)}", False),
        (tag(2).strip('"'), False),
        ("", False),
    ],
)
def test_which_states_if_match_names(header: str | None, accepted: bool) -> None:
    assert accepts("ann", header)(Preferences({"minRating": 7}, 2, NOON)) is accepted


def test_a_star_matches_only_what_has_been_saved() -> None:
    assert not accepts("ann", "*")(Preferences())
    assert accepts("ann", tag(0))(Preferences())


def test_two_devices_that_save_at_once_lose_none_of_each_others_answers() -> None:
    def scenario(choices: Iterator[int]) -> Sequence[int]:
        library = Library()
        tasks = [
            Task(name, partial(library.preferences.change, "ann", {name: ["x"]}, TRACE))
            for name in ("keywords", "moodPreferences", "eraPreferences")
        ]
        widths = []
        while waiting := [task for task in tasks if not task.done]:
            widths.append(len(waiting))
            waiting[next(choices, 0)].advance()
        assert all(task.error is None for task in tasks)
        stored = library.preferences.find("ann")
        assert set(stored.answers) == {"keywords", "moodPreferences", "eraPreferences"}
        assert [event.version for event in told(library)] == [1, 2, 3]
        last = told(library)[-1].preferences.model_dump(exclude_none=True)
        assert last == stored.answers
        return widths

    assert every_order(scenario, 3000) > 50


def test_of_two_devices_with_the_same_state_one_saves_and_one_is_told() -> None:
    def scenario(choices: Iterator[int]) -> Sequence[int]:
        library = Library()
        tasks = [
            Task(
                name,
                partial(
                    library.preferences.change,
                    "ann",
                    {name: ["x"]},
                    TRACE,
                    accepts("ann", tag(0)),
                ),
            )
            for name in ("keywords", "moodPreferences")
        ]
        widths = []
        while waiting := [task for task in tasks if not task.done]:
            widths.append(len(waiting))
            waiting[next(choices, 0)].advance()
        errors = [task.error for task in tasks if task.error]
        assert [type(error) for error in errors] == [PreferencesChanged]
        assert len(told(library)) == 1
        return widths

    assert every_order(scenario, 200) > 1


def test_who_is_gone_saves_nothing(library: Library) -> None:
    library.shelves.barred["ann"] = NOON

    with pytest.raises(AccountDeleted):
        library.preferences.change("ann", {"minRating": 7}, TRACE)
    assert library.shelves.outbox == []


def test_who_is_overtaken_all_the_time_is_told_so(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(_user: str, _preferences: Preferences, _event: Envelope[Contract]) -> None:
        raise Overtaken

    monkeypatch.setattr(library.preferences.rows, "save", overtaken)

    with pytest.raises(LibraryBusy):
        library.preferences.change("ann", {"minRating": 7}, TRACE)
