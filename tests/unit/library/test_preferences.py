"""Preferences: partial answers merge, none is lost, and each change has one event."""

from datetime import timedelta
from functools import partial

import pytest

from library.adapters.dynamodb.items import preferences_item
from library.api.preference_schemas import (
    StoredPreferences,
    if_match,
    preferences_etag,
)
from library.domain.errors import (
    AccountDeleted,
    LibraryBusy,
    PreferencesChanged,
    PreferencesTooLong,
)
from library.domain.preferences import DEFAULTS, UNPUBLISHED, Preferences
from library.events.published import PreferencesUpdated
from library.ports import VersionConflict
from matinee.errors import InvalidInput
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import detail
from matinee.questionnaire import RangeReversed
from matinee.questionnaire_input import PreferencesChange
from matinee.validation import validate
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, LibraryApp
from tests.fakes.schedule import Order, Task, every_order

WORDS = {name for name in DEFAULTS if name.endswith("Preferences")} | {
    "keywords",
    "streamingPlatforms",
    "watchingContext",
    "watchingTime",
    "maturityPreference",
    "viewingBehaviorPreference",
}
"""Questions whose answer is a list of free words."""


@pytest.fixture
def library() -> LibraryApp:
    return LibraryApp()


def tag(version: int, user: str = "ann") -> str:
    return preferences_etag(user, Preferences(version=version))


def published(library: LibraryApp) -> list[PreferencesUpdated]:
    data = [event.data for event in library.tables.outbox]
    return [one for one in data if isinstance(one, PreferencesUpdated)]


def test_a_user_without_answers_has_defaults(library: LibraryApp) -> None:
    found = library.preferences.get("ann")

    assert found == Preferences()
    assert found.with_defaults(NOON) == {**DEFAULTS, "releaseYearEnd": 2026}


def test_every_question_has_a_default() -> None:
    questions = {field.alias for field in PreferencesChange.model_fields.values()}

    assert set(DEFAULTS) | {"releaseYearEnd"} == questions
    assert set(StoredPreferences(**DEFAULTS, updated_at=None).model_dump(by_alias=True)) == (
        questions | {"updatedAt"}
    )


def test_an_answer_is_stored_and_the_others_are_kept(library: LibraryApp) -> None:
    library.preferences.change("ann", {"keywords": ["heist"]}, TRACE)
    library.now.advance(minutes=1)

    saved = library.preferences.change("ann", {"minRating": 7}, TRACE)

    assert saved.answers == {"keywords": ["heist"], "minRating": 7}
    assert (saved.version, saved.updated_at) == (2, NOON + timedelta(minutes=1))
    assert library.preferences.get("ann") == saved
    assert library.preferences.get("bob") == Preferences()


def test_null_deletes_an_answer(library: LibraryApp) -> None:
    library.preferences.change("ann", {"keywords": ["heist"], "minRating": 7}, TRACE)

    saved = library.preferences.change("ann", {"minRating": None}, TRACE)

    assert saved.answers == {"keywords": ["heist"]}


def test_actors_and_directors_change_independently(library: LibraryApp) -> None:
    def save(people: dict[str, object] | None) -> object:
        changes = validate(PreferencesChange, {"favoritePeople": people}).answers
        return library.preferences.change("ann", changes, TRACE).with_defaults(NOON)[
            "favoritePeople"
        ]

    nobody: dict[str, list[str]] = {"actors": [], "directors": []}
    assert save({"directors": ["Ada Quill"]}) == {"actors": [], "directors": ["Ada Quill"]}
    assert save({"actors": ["Bo Finn"]}) == {"actors": ["Bo Finn"], "directors": ["Ada Quill"]}
    assert save({"directors": None}) == {"actors": ["Bo Finn"], "directors": []}
    assert published(library)[-1].preferences.model_dump(exclude_none=True) == {
        "favoritePeople": {"actors": ["Bo Finn"]}
    }
    assert save({"actors": []}) == nobody
    assert save(None) == nobody
    assert library.preferences.get("ann").answers == {}


@pytest.mark.parametrize("letter", ["x", "é", "漢", "🎬", '"', "\x01"])
def test_the_longest_answers_can_be_stored_and_published(library: LibraryApp, letter: str) -> None:
    words = [f"{number:02}{letter * 98}" for number in range(50)]

    def answer_all() -> None:
        for name in sorted(WORDS):
            library.preferences.change("ann", {name: words}, TRACE)

    with pytest.raises(PreferencesTooLong):
        answer_all()

    stored = library.preferences.get("ann")
    (*_, event) = library.tables.outbox
    assert stored.version == len(published(library)) > 1
    assert len(detail(event).encode()) < 128 * 1024
    assert len(str(preferences_item("ann", stored)).encode()) < 400 * 1024


def test_the_event_has_all_answers_but_free_text(library: LibraryApp) -> None:
    answers = {
        "favoriteGenres": [28],
        "favoriteContent": "anything",
        "questionnaireCompleted": True,
    }
    library.preferences.change("ann", answers, TRACE)
    library.preferences.change("ann", {"watchingTime": "evening"}, TRACE)

    [first, second] = published(library)
    assert (first.version, second.version) == (1, 2)
    assert second.preferences.model_dump(exclude_none=True) == {
        "favoriteGenres": [28],
        "watchingTime": ["evening"],
    }


def test_every_published_answer_has_a_field_in_the_contract() -> None:
    questions = {field.alias for field in PreferencesChange.model_fields.values()}
    [stated] = [
        field.annotation
        for name, field in PreferencesUpdated.model_fields.items()
        if name == "preferences"
    ]

    fields = {field.alias for field in stated.model_fields.values()}  # type: ignore[union-attr]
    assert fields == questions - UNPUBLISHED


@pytest.mark.parametrize("changes", [{"minRating": 7}, {"keywords": None}, {}])
def test_no_change_stores_and_publishes_nothing(
    library: LibraryApp, changes: dict[str, object]
) -> None:
    before = library.preferences.change("ann", {"minRating": 7}, TRACE)
    library.now.advance(hours=1)

    assert library.preferences.change("ann", changes, TRACE) == before
    assert len(published(library)) == 1
    assert library.tables.requests["preferences saved"] == 1


@pytest.mark.parametrize(
    ("stored", "changes", "field"),
    [
        ({}, {"minRating": 8, "maxRating": 7}, "minRating"),
        ({"minRating": 8}, {"maxRating": 7}, "minRating"),
        ({"releaseYearEnd": 1990}, {"releaseYearStart": 1991}, "releaseYearStart"),
    ],
)
def test_a_reversed_range_is_rejected(
    library: LibraryApp, stored: dict[str, object], changes: dict[str, object], field: str
) -> None:
    before = library.preferences.change("ann", stored, TRACE)

    with pytest.raises(RangeReversed) as refused:
        library.preferences.change("ann", changes, TRACE)

    assert refused.value.info["fields"] == {field: f"must not be above {_upper(field)}"}
    assert library.preferences.get("ann") == before


def _upper(field: str) -> str:
    return {"minRating": "maxRating", "releaseYearStart": "releaseYearEnd"}[field]


def test_a_range_may_be_a_point_and_in_the_future(library: LibraryApp) -> None:
    saved = library.preferences.change("ann", {"minRating": 7, "maxRating": 7}, TRACE)
    later = library.preferences.change("ann", {"releaseYearStart": 2031}, TRACE)

    assert saved.answers == {"minRating": 7, "maxRating": 7}
    assert later.with_defaults(NOON)["releaseYearEnd"] == 2031


def test_a_reset_deletes_answers_and_increments_the_version(library: LibraryApp) -> None:
    library.preferences.change("ann", {"minRating": 7}, TRACE)

    fresh = library.preferences.change("ann", None, TRACE)
    again = library.preferences.change("ann", None, TRACE)

    assert (fresh.answers, fresh.version) == ({}, 2)
    assert again == fresh
    [_, event] = published(library)
    assert event.preferences.model_dump(exclude_none=True) == {}


def test_a_change_of_an_old_version_is_rejected(library: LibraryApp) -> None:
    library.preferences.change("ann", {"minRating": 7}, TRACE)
    library.preferences.change("ann", {"minRating": 8}, TRACE, if_match(tag(1), "ann"))

    with pytest.raises(PreferencesChanged):
        library.preferences.change("ann", {"minRating": 9}, TRACE, if_match(tag(1), "ann"))
    with pytest.raises(PreferencesChanged):
        library.preferences.change("ann", None, TRACE, if_match(tag(1), "ann"))
    assert library.preferences.get("ann").answers == {"minRating": 8}


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
def test_if_match_names_states(header: str | None, accepted: bool) -> None:
    assert if_match(header, "ann")(Preferences({"minRating": 7}, 2, NOON)) is accepted


def test_a_star_matches_saved_preferences_only() -> None:
    assert not if_match("*", "ann")(Preferences())
    assert if_match(tag(0), "ann")(Preferences())


def test_concurrent_saves_lose_no_answer() -> None:
    def scenario(order: Order) -> None:
        library = LibraryApp()
        tasks = [
            Task(name, partial(library.preferences.change, "ann", {name: ["x"]}, TRACE))
            for name in ("keywords", "moodPreferences", "eraPreferences")
        ]
        order.run(tasks)
        assert all(task.error is None for task in tasks)
        stored = library.preferences.get("ann")
        assert set(stored.answers) == {"keywords", "moodPreferences", "eraPreferences"}
        assert [event.version for event in published(library)] == [1, 2, 3]
        last = published(library)[-1].preferences.model_dump(exclude_none=True)
        assert last == stored.answers

    assert 50 < every_order(scenario, 3000) < 3000


def test_one_of_two_saves_with_the_same_if_match_succeeds() -> None:
    def scenario(order: Order) -> None:
        library = LibraryApp()
        tasks = [
            Task(
                name,
                partial(
                    library.preferences.change,
                    "ann",
                    {name: ["x"]},
                    TRACE,
                    if_match(tag(0), "ann"),
                ),
            )
            for name in ("keywords", "moodPreferences")
        ]
        order.run(tasks)
        errors = [task.error for task in tasks if task.error]
        assert [type(error) for error in errors] == [PreferencesChanged]
        assert len(published(library)) == 1

    assert every_order(scenario, 200) > 1


def test_a_deleted_user_saves_nothing(library: LibraryApp) -> None:
    library.tables.blocked["ann"] = NOON

    with pytest.raises(AccountDeleted):
        library.preferences.change("ann", {"minRating": 7}, TRACE)
    assert library.tables.outbox == []


def test_a_change_that_is_always_overtaken_is_busy(
    library: LibraryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(_user: str, _preferences: Preferences, _event: Envelope[Contract]) -> None:
        raise VersionConflict

    monkeypatch.setattr(library.preferences.repository, "save", overtaken)

    with pytest.raises(LibraryBusy):
        library.preferences.change("ann", {"minRating": 7}, TRACE)


@pytest.mark.parametrize(("sent", "kept"), [("DE", "DE"), (" de ", "DE"), ("", None), (None, None)])
def test_the_region_is_a_country_in_capitals(sent: str | None, kept: str | None) -> None:
    assert validate(PreferencesChange, {"region": sent}).answers == {"region": kept}


@pytest.mark.parametrize("sent", ["Germany", "D", "D1", 49])
def test_another_region_is_refused(sent: object) -> None:
    with pytest.raises(InvalidInput):
        validate(PreferencesChange, {"region": sent})
