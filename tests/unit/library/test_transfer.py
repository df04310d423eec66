"""Exporting a library in parts, and importing it again without side effects."""

import json
from datetime import timedelta

import pytest

from library.api.bulk_schemas import MAX_IMPORT_CHARACTERS, Import
from library.api.cursors import decode_export, decode_position, encode_export, encode_position
from library.api.export_format import export_response, import_response, read_import
from library.api.import_files import SourceFile, parse_file
from library.domain.errors import ExportUnavailable
from library.domain.titles import Entry, ListName, Position
from library.events.published import EntryAdded
from library.use_cases.import_export import (
    MAX_ENTRIES_PER_PART,
    ExportCursor,
    OtherCursor,
    OtherService,
)
from matinee.dynamodb.cursor import encode
from matinee.errors import InvalidInput
from matinee.media import MediaType, TitleKey
from matinee.questionnaire import RangeReversed
from matinee.validation import validate
from tests.data.import_files import content
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, LibraryApp, film, projected


@pytest.fixture
def library() -> LibraryApp:
    return LibraryApp()


def fill(library: LibraryApp, name: ListName, titles: int) -> None:
    entries = [
        Entry(film(number), NOON - timedelta(hours=titles - number))
        for number in range(1, titles + 1)
    ]
    library.lists[name].add_all("ann", entries, TRACE)


def export(library: LibraryApp, user: str = "ann") -> list[dict[str, object]]:
    """Read the library's parts, by cursor, as a client does."""
    return [part for part in whole_export(library, user) if not {"account", "rooms"} & part.keys()]


def whole_export(library: LibraryApp, user: str = "ann") -> list[dict[str, object]]:
    """Read all parts, by cursor, as a client does."""
    parts = []
    cursor = None
    while True:
        part = library.export(user, decode_export(user, cursor))
        parts.append(export_response(user, part))
        cursor = parts[-1].get("nextCursor")
        if not cursor:
            return parts


def import_part(
    library: LibraryApp, part: dict[str, object], user: str = "ann"
) -> dict[ListName, int]:
    """Import a part; return how many titles of each list were new."""
    given = validate(Import, part)
    entries, problems = read_import(given, NOON)
    assert not any(problems.values())
    answers = given.preferences.answers if given.preferences else None
    outcome = library.import_entries(user, answers, entries, TRACE)
    return {name: imported.added for name, imported in outcome.items()}


def fields_of(error: InvalidInput) -> list[str]:
    fields = error.info["fields"]
    assert isinstance(fields, dict)
    return list(fields)


def test_a_small_library_is_exported_in_one_part(library: LibraryApp) -> None:
    fill(library, ListName.FAVOURITES, 3)
    fill(library, ListName.WATCHLIST, 2)
    library.preferences.change("ann", {"minRating": 7}, TRACE)

    [part] = export(library)

    assert part["preferences"] == {"minRating": 7}
    assert [item["mediaId"] for item in part["favourites"]] == ["3", "2", "1"]  # type: ignore[attr-defined]
    assert len(part["watchlist"]) == 2  # type: ignore[arg-type]


def test_a_large_library_is_exported_whole_in_parts(library: LibraryApp) -> None:
    fill(library, ListName.FAVOURITES, MAX_ENTRIES_PER_PART)
    fill(library, ListName.WATCHLIST, MAX_ENTRIES_PER_PART + 3)

    parts = export(library)

    assert [
        (len(part["favourites"]), len(part["watchlist"]))  # type: ignore[arg-type]
        for part in parts
    ] == [(MAX_ENTRIES_PER_PART, 0), (0, MAX_ENTRIES_PER_PART), (0, 3)]
    assert ["preferences" in part for part in parts] == [True, False, False]


def test_imports_are_listed_in_the_first_part(library: LibraryApp) -> None:
    given = content("letterboxd/watchlist.csv")
    parsed = parse_file(SourceFile("watchlist.csv", given), library.now())
    made = library.import_file("ann", "watchlist.csv", given, parsed, TRACE)

    first, *others = whole_export(library)

    assert [it["importId"] for it in first["imports"]] == [made.id]  # type: ignore[attr-defined]
    assert not any("imports" in part for part in others)


def test_account_rooms_and_matches_follow_the_lists(library: LibraryApp) -> None:
    parts = whole_export(library)

    assert [part["nextCursor"] for part in parts if "nextCursor" in part] == [
        part["nextCursor"] for part in parts[:-1]
    ]
    assert [
        {name: part[name] for name in ("account", "rooms", "matches", "decisions") if name in part}
        for part in parts
    ] == [
        {},
        {"account": {"email": "ann@example.com"}},
        {"rooms": [{"id": "r1"}], "matches": [], "decisions": []},
        {"rooms": [], "matches": [{"id": "m1"}], "decisions": []},
    ]
    for part in parts:
        assert import_part(library, part) == dict.fromkeys(ListName, 0)


def test_a_service_that_is_down_fails_its_own_part_alone(library: LibraryApp) -> None:
    rooms = library.export.rooms
    rooms.is_down = True  # type: ignore[attr-defined]
    cursor = OtherCursor(OtherService.ROOMS, "rooms:1")

    with pytest.raises(ExportUnavailable):
        library.export("ann", cursor)
    assert library.export("ann", OtherCursor(OtherService.AUTH)).elsewhere
    rooms.is_down = False  # type: ignore[attr-defined]
    assert library.export("ann", cursor).elsewhere["matches"] == [{"id": "m1"}]


def test_an_empty_library_is_exported(library: LibraryApp) -> None:
    [part] = export(library)

    assert (part["preferences"], part["favourites"], part["watchlist"]) == ({}, [], [])


def test_an_export_reproduces_the_library(library: LibraryApp) -> None:
    fill(library, ListName.FAVOURITES, 3)
    fill(library, ListName.WATCHLIST, 2)
    library.preferences.change("ann", {"minRating": 7, "favoriteGenres": [28]}, TRACE)
    other = LibraryApp()

    [part] = export(library)
    added = import_part(other, part, "bob")

    assert added == dict.fromkeys(ListName, 0) | {ListName.FAVOURITES: 3, ListName.WATCHLIST: 2}
    for name in ListName:
        assert other.tables.entries("bob", name) == library.tables.entries("ann", name)
    assert other.preferences.get("bob").answers == library.preferences.get("ann").answers
    assert (
        sorted(other.tables.published)
        == ["FavouriteAdded"] * 3 + ["PreferencesUpdated"] + ["WatchlistItemAdded"] * 2
    )


def test_a_repeated_import_changes_and_publishes_nothing(library: LibraryApp) -> None:
    fill(library, ListName.FAVOURITES, 3)
    library.preferences.change("ann", {"minRating": 7}, TRACE)
    [part] = export(library)
    published = list(library.tables.published)

    assert import_part(library, part) == dict.fromkeys(ListName, 0)
    assert library.tables.published == published


@pytest.mark.parametrize("name", list(ListName))
def test_importing_a_removed_title_puts_it_back(library: LibraryApp, name: ListName) -> None:
    fill(library, name, 2)
    [before, _] = library.tables.entries("ann", name)
    [part] = export(library)
    library.now.advance(days=3)
    library.lists[name].remove("ann", before.title.key, TRACE)

    assert import_part(library, part)[name] == 1

    [entry, _] = library.tables.entries("ann", name)
    assert (entry.title, entry.added_at) == (before.title, before.added_at)
    [*_, event] = library.tables.outbox
    assert isinstance(event.data, EntryAdded)
    assert event.data.listed_since == before.added_at
    assert event.data.added_at > NOON + timedelta(days=3)
    assert projected(library.tables.outbox[::-1], "ann", name) == {film(1).key, film(2).key}


def test_a_title_put_back_can_be_removed_by_its_shown_time(library: LibraryApp) -> None:
    fill(library, ListName.FAVOURITES, 1)
    [part] = export(library)
    for _ in range(2):
        library.favourites.remove("ann", film(1).key, TRACE, added_at=NOON)
        import_part(library, part)

    assert library.favourites.remove("ann", film(1).key, TRACE, added_at=NOON)
    assert projected(library.tables.outbox[::-1], "ann", ListName.FAVOURITES) == set()


def test_invalid_titles_are_reported_and_the_others_stored() -> None:
    given = validate(
        Import,
        {
            "favourites": [
                {"mediaId": 1},
                {"mediaId": "x"},
                {"mediaId": 2, "addedAt": "2027-01-01T00:00:00Z"},
                {"mediaId": 3, "addedAt": "2020-01-01T00:00:00"},
                {"mediaId": 4, "addedAt": "0001-01-01T00:00:00+14:00"},
                {"mediaId": 5, "mediaTyp": 1},
                {"mediaId": 6, "addedAt": "2020-05-06T07:08:09.123456+02:00"},
                {"mediaId": 7, "addedAt": "2023-01-10"},
                {"mediaId": 8, "addedAt": "2023-02-30"},
            ]
        },
    )

    entries, problems = read_import(given, NOON)

    good = entries[ListName.FAVOURITES]
    assert [entry.title.key.id for entry in good] == [1, 6, 7]
    assert [entry.added_at.isoformat() for entry in good] == [
        NOON.isoformat(),
        "2020-05-06T05:08:09.123000+00:00",
        "2023-01-10T00:00:00+00:00",
    ]
    bad = problems[ListName.FAVOURITES].items()
    assert {index: fields_of(error) for index, error in bad} == {
        1: ["mediaId"],
        2: ["addedAt"],
        3: ["addedAt"],
        4: ["addedAt"],
        5: ["mediaTyp"],
        8: ["addedAt"],
    }


def test_the_largest_import_response_fits(library: LibraryApp) -> None:
    worst = {f"{number}{'🎬' * 70}": 1 for number in range(36)}
    given = validate(Import, {"favourites": [worst] * 500, "watchlist": [worst] * 500})
    assert len(json.dumps(given.model_dump(), ensure_ascii=False)) <= MAX_IMPORT_CHARACTERS

    entries, problems = read_import(given, NOON)
    imported = library.import_entries("ann", None, entries, TRACE)
    answered = import_response(imported, problems, has_answers=True)

    assert [answered[name]["invalid"] for name in ListName] == [500, 500, 0, 0]
    told = answered["problems"]
    assert len(told) == 1000
    assert [("fields" in problem) for problem in told] == [True] * 100 + [False] * 900
    assert {problem["code"] for problem in told} == {"InvalidInput"}
    assert len(json.dumps(answered)) < 5_500_000


def test_invalid_preferences_stop_an_import_at_its_start(library: LibraryApp) -> None:
    with pytest.raises(RangeReversed):
        library.import_entries(
            "ann",
            {"minRating": 9, "maxRating": 1},
            {ListName.FAVOURITES: [Entry(film(), NOON)]},
            TRACE,
        )
    assert "ann" not in library.tables


def test_busy_imports_are_counted(library: LibraryApp) -> None:
    library.tables.conflicts = 1

    outcome = library.import_entries(
        "ann", None, {ListName.FAVOURITES: [Entry(film(), NOON)]}, TRACE
    )

    assert outcome[ListName.FAVOURITES].busy == 1


@pytest.mark.parametrize("most", [{"favourites": [{}] * 600, "watchlist": [{}] * 401}, {"x": 1}])
def test_an_import_is_bounded(most: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        validate(Import, most)


# ── cursors ──────────────────────────────────────────────────────────────────────────────────────

PLACE = Position(TitleKey(MediaType.TV, 77120), NOON)


def test_a_list_cursor_is_decoded_as_encoded() -> None:
    cursor = encode_position("ann", ListName.WATCHLIST, PLACE)

    assert decode_position("ann", ListName.WATCHLIST, cursor) == PLACE
    assert decode_position("ann", ListName.WATCHLIST, None) is None
    assert encode_position("ann", ListName.WATCHLIST, None) is None


@pytest.mark.parametrize(
    "cursor", [ExportCursor(ListName.WATCHLIST), ExportCursor(ListName.FAVOURITES, PLACE)]
)
def test_an_export_cursor_is_decoded_as_encoded(cursor: ExportCursor) -> None:
    assert decode_export("ann", encode_export("ann", cursor)) == cursor


def test_a_cursor_of_another_user_or_list_is_rejected() -> None:
    cursor = encode_position("ann", ListName.WATCHLIST, PLACE)

    for user, name in (("bob", ListName.WATCHLIST), ("ann", ListName.FAVOURITES)):
        with pytest.raises(InvalidInput) as refused:
            decode_position(user, name, cursor)
        assert fields_of(refused.value) == ["cursor"]
    with pytest.raises(InvalidInput):
        decode_export("ann", cursor)


def test_an_export_cursor_of_another_user_is_rejected() -> None:
    cursor = encode_export("bob", ExportCursor(ListName.FAVOURITES, PLACE))

    with pytest.raises(InvalidInput) as refused:
        decode_export("ann", cursor)
    assert fields_of(refused.value) == ["cursor"]


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
def test_an_invented_list_cursor_is_rejected(made_up: dict[str, str | int]) -> None:
    with pytest.raises(InvalidInput):
        decode_position("ann", ListName.FAVOURITES, encode(("favourites", "ann"), made_up))


@pytest.mark.parametrize("made_up", [{"list": "other"}, {"list": "watchlist", "title": "x"}, {}])
def test_an_invented_export_cursor_is_rejected(made_up: dict[str, str | int]) -> None:
    with pytest.raises(InvalidInput):
        decode_export("ann", encode(("export", "ann"), made_up))
