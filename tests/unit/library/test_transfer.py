"""Everything out, part by part, and back in again without harm."""

import json
from datetime import timedelta

import pytest

from library.api.bulk_schemas import LONGEST_IMPORT, Import
from library.api.cursors import open_bookmark, open_position, seal_bookmark, seal_position
from library.api.export_format import exported_part, read_entries, taken_in
from library.domain.errors import RangeReversed
from library.domain.titles import Entry, ListName, MediaType, Position, TitleKey
from library.use_cases.import_export import ENTRIES_PER_PART, Bookmark
from matinee.dynamodb.cursor import encode
from matinee.errors import InvalidInput
from matinee.validation import validate
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, Library, film


@pytest.fixture
def library() -> Library:
    return Library()


def fill(library: Library, name: ListName, titles: int) -> None:
    entries = [
        Entry(film(number), NOON - timedelta(hours=titles - number))
        for number in range(1, titles + 1)
    ]
    library.lists[name].add_all("ann", entries, TRACE)


def export(library: Library, user: str = "ann") -> list[dict[str, object]]:
    """Take all parts, by cursor, as a client does."""
    parts = []
    cursor = None
    while True:
        part = library.transfer.export(user, open_bookmark(user, cursor))
        parts.append(exported_part(user, part, NOON))
        cursor = parts[-1].get("cursor")
        if not cursor:
            return parts


def take_in(library: Library, part: dict[str, object], user: str = "ann") -> dict[ListName, int]:
    """Give a part back; answers how many titles of each list were new."""
    given = validate(Import, part)
    entries, problems = read_entries(given, NOON)
    assert not any(problems.values())
    answers = given.preferences.answers if given.preferences else None
    outcome = library.transfer.take_in(user, answers, entries, TRACE)
    return {name: imported.added for name, imported in outcome.items()}


def fields_of(error: InvalidInput) -> list[str]:
    fields = error.info["fields"]
    assert isinstance(fields, dict)
    return list(fields)


def test_a_small_library_is_one_part(library: Library) -> None:
    fill(library, ListName.FAVOURITES, 3)
    fill(library, ListName.WATCHLIST, 2)
    library.preferences.change("ann", {"minRating": 7}, TRACE)

    [part] = export(library)

    assert part["preferences"] == {"minRating": 7}
    assert [item["mediaId"] for item in part["favourites"]] == ["3", "2", "1"]  # type: ignore[attr-defined]
    assert len(part["watchlist"]) == 2  # type: ignore[arg-type]


def test_a_large_one_is_several_and_nothing_is_missing(library: Library) -> None:
    fill(library, ListName.FAVOURITES, ENTRIES_PER_PART)
    fill(library, ListName.WATCHLIST, ENTRIES_PER_PART + 3)

    parts = export(library)

    assert [
        (len(part["favourites"]), len(part["watchlist"]))  # type: ignore[arg-type]
        for part in parts
    ] == [(ENTRIES_PER_PART, 0), (0, ENTRIES_PER_PART), (0, 3)]
    assert ["preferences" in part for part in parts] == [True, False, False]


def test_an_empty_library_is_exported_too(library: Library) -> None:
    [part] = export(library)

    assert (part["preferences"], part["favourites"], part["watchlist"]) == ({}, [], [])


def test_an_export_makes_another_library_the_same(library: Library) -> None:
    fill(library, ListName.FAVOURITES, 3)
    fill(library, ListName.WATCHLIST, 2)
    library.preferences.change("ann", {"minRating": 7, "favoriteGenres": [28]}, TRACE)
    other = Library()

    [part] = export(library)
    added = take_in(other, part, "bob")

    assert added == {ListName.FAVOURITES: 3, ListName.WATCHLIST: 2}
    for name in ListName:
        assert other.shelves.entries("bob", name) == library.shelves.entries("ann", name)
    assert other.preferences.find("bob").answers == library.preferences.find("ann").answers
    assert (
        sorted(other.shelves.told)
        == ["FavouriteAdded"] * 3 + ["PreferencesUpdated"] + ["WatchlistItemAdded"] * 2
    )


def test_an_import_that_is_repeated_changes_and_tells_nothing(library: Library) -> None:
    fill(library, ListName.FAVOURITES, 3)
    library.preferences.change("ann", {"minRating": 7}, TRACE)
    [part] = export(library)
    told = list(library.shelves.told)

    assert take_in(library, part) == {ListName.FAVOURITES: 0, ListName.WATCHLIST: 0}
    assert library.shelves.told == told


def test_what_was_taken_off_since_comes_back_as_something_later(library: Library) -> None:
    fill(library, ListName.FAVOURITES, 1)
    [part] = export(library)
    library.favourites.remove("ann", film(1).key, TRACE)

    assert take_in(library, part)[ListName.FAVOURITES] == 1
    [entry] = library.shelves.entries("ann", ListName.FAVOURITES)
    assert entry.added_at > NOON


def test_each_title_that_is_not_valid_is_told_and_the_others_are_taken() -> None:
    given = validate(
        Import,
        {
            "favourites": [
                {"mediaId": 1},
                {"mediaId": "x"},
                {"mediaId": 2, "addedAt": "2027-01-01T00:00:00Z"},
                {"mediaId": 3, "addedAt": "2020-01-01T00:00:00"},
                {"mediaId": 4, "addedAt": "0001-01-01T00:00:00+14:00"},
                {"mediaId": 5, "evil": 1},
                {"mediaId": 6, "addedAt": "2020-05-06T07:08:09.123456+02:00"},
            ]
        },
    )

    entries, problems = read_entries(given, NOON)

    good = entries[ListName.FAVOURITES]
    assert [entry.title.key.media_id for entry in good] == [1, 6]
    assert [entry.added_at.isoformat() for entry in good] == [
        NOON.isoformat(),
        "2020-05-06T05:08:09.123000+00:00",
    ]
    bad = problems[ListName.FAVOURITES].items()
    assert {index: fields_of(error) for index, error in bad} == {
        1: ["mediaId"],
        2: ["addedAt"],
        3: ["addedAt"],
        4: ["addedAt"],
        5: ["evil"],
    }


def test_whatever_is_wrong_with_an_import_its_answer_can_be_sent(library: Library) -> None:
    worst = {f"{number}{'🎬' * 70}": 1 for number in range(36)}
    given = validate(Import, {"favourites": [worst] * 500, "watchlist": [worst] * 500})
    assert len(json.dumps(given.model_dump(), ensure_ascii=False)) <= LONGEST_IMPORT

    entries, problems = read_entries(given, NOON)
    answered = taken_in(library.transfer.take_in("ann", None, entries, TRACE), problems)

    assert [answered[name]["invalid"] for name in ListName] == [500, 500]
    told = answered["problems"]
    assert len(told) == 1000
    assert [("fields" in problem) for problem in told] == [True] * 100 + [False] * 900
    assert {problem["code"] for problem in told} == {"InvalidInput"}
    assert len(json.dumps(answered)) < 5_500_000


def test_preferences_that_cannot_be_stop_an_import_before_it_begins(library: Library) -> None:
    with pytest.raises(RangeReversed):
        library.transfer.take_in(
            "ann",
            {"minRating": 9, "maxRating": 1},
            {ListName.FAVOURITES: [Entry(film(), NOON)]},
            TRACE,
        )
    assert "ann" not in library.shelves


def test_what_is_busy_is_counted(library: Library) -> None:
    library.shelves.conflicts = 1

    outcome = library.transfer.take_in(
        "ann", None, {ListName.FAVOURITES: [Entry(film(), NOON)]}, TRACE
    )

    assert outcome[ListName.FAVOURITES].busy == 1


@pytest.mark.parametrize("most", [{"favourites": [{}] * 600, "watchlist": [{}] * 401}, {"x": 1}])
def test_an_import_is_bounded(most: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        validate(Import, most)


# ── cursors ──────────────────────────────────────────────────────────────────────────────────────

PLACE = Position(TitleKey(MediaType.TV, 77120), NOON)


def test_a_place_in_a_list_survives_its_cursor() -> None:
    cursor = seal_position("ann", ListName.WATCHLIST, PLACE)

    assert open_position("ann", ListName.WATCHLIST, cursor) == PLACE
    assert open_position("ann", ListName.WATCHLIST, None) is None
    assert seal_position("ann", ListName.WATCHLIST, None) is None


@pytest.mark.parametrize(
    "bookmark", [Bookmark(ListName.WATCHLIST), Bookmark(ListName.FAVOURITES, PLACE)]
)
def test_a_place_in_an_export_survives_its_cursor(bookmark: Bookmark) -> None:
    assert open_bookmark("ann", seal_bookmark("ann", bookmark)) == bookmark


def test_the_cursor_of_another_user_or_list_is_refused() -> None:
    cursor = seal_position("ann", ListName.WATCHLIST, PLACE)

    for user, name in (("bob", ListName.WATCHLIST), ("ann", ListName.FAVOURITES)):
        with pytest.raises(InvalidInput) as refused:
            open_position(user, name, cursor)
        assert fields_of(refused.value) == ["cursor"]
    with pytest.raises(InvalidInput):
        open_bookmark("ann", cursor)


@pytest.mark.parametrize(
    "made_up",
    [
        {},
        {"title": "tv#1"},
        {"title": "tv#1", "at": "yesterday"},
        {"title": "tv#1", "at": "2026-13-41T12:00:00.000Z"},
        {"title": "#erased", "at": "2026-01-31T12:00:00.000Z"},
        {"title": "tv#0", "at": "2026-01-31T12:00:00.000Z"},
        {"title": 1, "at": 2},
    ],
)
def test_a_position_that_somebody_made_up_reaches_no_table(made_up: dict[str, str | int]) -> None:
    with pytest.raises(InvalidInput):
        open_position("ann", ListName.FAVOURITES, encode(("favourites", "ann"), made_up))


@pytest.mark.parametrize("made_up", [{"list": "other"}, {"list": "watchlist", "title": "x"}, {}])
def test_a_bookmark_that_somebody_made_up_reaches_no_table(made_up: dict[str, str | int]) -> None:
    with pytest.raises(InvalidInput):
        open_bookmark("ann", encode(("export", "ann"), made_up))
