"""Which rows the files of each site have, in each form that people send."""

import io
import json
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.api import import_files
from library.api.import_files import SourceFile, parse_file
from library.domain.errors import (
    ImportFileEmpty,
    ImportFileUnknown,
    ImportFileUnreadable,
    ImportListUnknown,
    ImportTooLarge,
)
from library.domain.imports import ImportRow, Reason, RowStatus, Site
from library.domain.titles import ListName
from matinee.errors import MatineeError
from matinee.media import MediaType, TitleKey
from tests.data.import_files import archive, content, letterboxd_files

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MOVIE, TV = MediaType.MOVIE, MediaType.TV
REFUSALS = (
    ImportFileEmpty,
    ImportFileUnknown,
    ImportFileUnreadable,
    ImportListUnknown,
    ImportTooLarge,
)


def parse(name: str, given: bytes | None = None, shelf: ListName | None = None) -> list[ImportRow]:
    file = SourceFile(name, content(name) if given is None else given, shelf)
    return list(parse_file(file, NOW).rows)


def shelves(rows: list[ImportRow]) -> list[tuple[str | None, ListName, RowStatus]]:
    return [(row.name, row.shelf, row.status) for row in rows]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_letterboxd_ratings_from_four_stars_on_are_favourites() -> None:
    rows = parse("letterboxd/ratings.csv")

    assert shelves(rows) == [
        ("Se7en", ListName.FAVOURITES, RowStatus.WAITING),
        ("The Good, the Bad and the Ugly", ListName.FAVOURITES, RowStatus.WAITING),
        ("Amélie", ListName.SEEN, RowStatus.WAITING),
        ('The "Human" Factor', ListName.SEEN, RowStatus.WAITING),
    ]
    assert [row.rating for row in rows] == [9, 8, 7, 1]
    assert [row.year for row in rows] == [1995, 1966, 2001, None]
    assert [row.at for row in rows][0] == day("2019-03-02")
    assert [row.line for row in rows] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "shelf", "status"),
    [
        ("letterboxd/watched.csv", ListName.SEEN, RowStatus.WAITING),
        ("letterboxd/likes/films.csv", ListName.FAVOURITES, RowStatus.WAITING),
        ("letterboxd/watchlist.csv", ListName.WATCHLIST, RowStatus.WAITING),
    ],
)
def test_letterboxd_files_of_one_form_differ_by_name(
    name: str, shelf: ListName, status: RowStatus
) -> None:
    assert {(row.shelf, row.status) for row in parse(name)} == {(shelf, status)}


def test_a_file_that_does_not_say_its_list_needs_one() -> None:
    given = content("letterboxd/watchlist.csv")

    with pytest.raises(ImportListUnknown):
        parse("upload.csv", given)
    rows = parse("upload.csv", given, ListName.WATCHLIST)
    assert {row.shelf for row in rows} == {ListName.WATCHLIST}


def test_a_title_may_have_line_breaks_and_keeps_its_line() -> None:
    rows = parse("letterboxd/watchlist.csv")

    assert rows[1].name == "Birdman or (The Unexpected Virtue of Ignorance)"
    assert [row.line for row in rows] == [2, 3, 5]


def test_the_whole_archive_of_letterboxd_has_favourites_first() -> None:
    parsed = parse_file(SourceFile("letterboxd.zip", archive(letterboxd_files())), NOW)

    assert parsed.site is Site.LETTERBOXD
    assert parsed.ignored == ("profile.csv",)
    order = list(dict.fromkeys((row.file, row.shelf) for row in parsed.rows))
    assert order == [
        ("diary.csv", ListName.FAVOURITES),
        ("likes/films.csv", ListName.FAVOURITES),
        ("ratings.csv", ListName.FAVOURITES),
        ("watchlist.csv", ListName.WATCHLIST),
        ("diary.csv", ListName.SEEN),
        ("ratings.csv", ListName.SEEN),
        ("watched.csv", ListName.SEEN),
    ]
    assert len(parsed.rows) == 14


def test_an_archive_of_deleted_and_listed_films_counts_neither() -> None:
    film = content("letterboxd/watchlist.csv")
    files = {
        "export/watchlist.csv": film,
        "export/deleted/watchlist.csv": film,
        "export/orphaned/watchlist.csv": film,
        "export/lists/mine.csv": film,
        "__MACOSX/export/._watchlist.csv": b"\x00\x05",
    }

    rows = parse("mine.zip", archive(files))

    assert [row.file for row in rows] == ["export/watchlist.csv"] * 3


def test_imdb_ratings_know_films_series_and_what_is_neither() -> None:
    rows = parse("imdb-ratings.csv")

    assert [(row.imdb_id, row.shelf, row.media_type, row.status, row.reason) for row in rows] == [
        ("tt10000807", ListName.FAVOURITES, MOVIE, RowStatus.WAITING, None),
        ("tt20087108", ListName.FAVOURITES, TV, RowStatus.WAITING, None),
        ("tt10000593", ListName.SEEN, MOVIE, RowStatus.WAITING, None),
        ("tt0959621", ListName.FAVOURITES, None, RowStatus.SKIPPED, Reason.EPISODE),
        ("tt1140099", ListName.FAVOURITES, None, RowStatus.SKIPPED, Reason.NO_TITLE),
    ]


def test_an_imdb_watchlist_may_be_in_any_language() -> None:
    rows = parse("imdb-watchlist.csv")

    assert [(row.imdb_id, row.shelf, row.media_type, row.at) for row in rows] == [
        ("tt10002103", ListName.WATCHLIST, MOVIE, day("2018-01-16")),
        ("tt20087108", ListName.WATCHLIST, None, day("2018-01-17")),
    ]
    liked = parse("imdb-watchlist.csv", shelf=ListName.FAVOURITES)
    assert {row.shelf for row in liked} == {ListName.FAVOURITES}


def test_trakt_items_have_the_keys_of_tmdb() -> None:
    rated, listed = parse("trakt-ratings-movies.json"), parse("trakt-watchlist.json")

    assert [(row.key, row.shelf, row.rating) for row in rated] == [
        (TitleKey(MOVIE, 807), ListName.FAVOURITES, 10),
        (TitleKey(MOVIE, 2103), ListName.SEEN, 7),
    ]
    assert [(row.key, row.status, row.reason) for row in listed] == [
        (TitleKey(TV, 87108), RowStatus.WAITING, None),
        (TitleKey(TV, 87108), RowStatus.SKIPPED, Reason.EPISODE),
        (None, RowStatus.WAITING, None),
    ]
    assert (listed[2].name, listed[2].year) == ("Amélie", 2001)
    assert rated[0].at == datetime(2014, 9, 1, 9, 10, 11, tzinfo=UTC)
    assert {row.shelf for row in parse("trakt-watched-movies.json")} == {ListName.SEEN}
    with pytest.raises(ImportListUnknown):
        parse("mine.json", content("trakt-watchlist.json"))


def test_netflix_episodes_are_of_a_series_and_colons_are_not() -> None:
    rows = parse("netflix-viewing-history.csv")

    assert [(row.name, row.media_type, row.at) for row in rows] == [
        ("Stranger Things", TV, day("2024-01-20")),
        ("The Queen's Gambit", TV, day("2020-12-31")),
        ("Mission: Impossible", None, day("2023-02-03")),
        ("The Irishman", None, day("2019-11-28")),
    ]
    assert {(row.shelf, row.status) for row in rows} == {(ListName.SEEN, RowStatus.WAITING)}
    assert [row.seen_at for row in rows] == [row.at for row in rows]


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (["3/2/23", "20/1/24"], "2023-02-03"),
        (["03.02.23", "04.02.23"], "2023-02-03"),
        (["2/3/23", "1/20/24"], "2023-02-03"),
        (["2023-02-03", "2024-01-20"], "2023-02-03"),
        (["03/02/2023", "20/01/2024"], "2023-02-03"),
    ],
)
def test_netflix_days_have_the_order_of_their_language(days: list[str], first: str) -> None:
    lines = "\n".join(f'"A film","{text}"' for text in days)

    rows = parse("history.csv", f"Titel,Datum\n{lines}\n".encode())

    assert rows[0].at == day(first)


def test_netflix_activity_leaves_trailers_out() -> None:
    rows = parse("netflix-viewing-activity.csv")

    assert [(row.name, row.reason) for row in rows] == [
        ("Mission: Impossible", None),
        ("Mission: Impossible_hook_primary_16x9", Reason.NO_TITLE),
    ]
    assert rows[0].at == datetime(2023, 2, 3, 19, 1, 7, tzinfo=UTC)


def test_tmdb_files_say_what_they_are_by_ratings_or_name() -> None:
    rated, liked = parse("tmdb-ratings.csv"), parse("tmdb-favorites.csv")

    assert [(row.key, row.shelf, row.status) for row in rated] == [
        (TitleKey(MOVIE, 807), ListName.FAVOURITES, RowStatus.WAITING),
        (TitleKey(TV, 87108), ListName.SEEN, RowStatus.WAITING),
        (TitleKey(TV, 87108), ListName.FAVOURITES, RowStatus.SKIPPED),
    ]
    assert [(row.key, row.shelf) for row in liked] == [(TitleKey(MOVIE, 194), ListName.FAVOURITES)]
    assert [(row.key, row.shelf) for row in parse("tmdb-list.json")] == [
        (TitleKey(MOVIE, 593), ListName.WATCHLIST),
        (TitleKey(TV, 87108), ListName.WATCHLIST),
    ]


def test_our_own_export_needs_no_lookup() -> None:
    rows = parse("matinee-export.json")

    assert [(row.key, row.shelf, row.status, row.reason) for row in rows] == [
        (TitleKey(MOVIE, 807), ListName.FAVOURITES, RowStatus.WAITING, None),
        (None, ListName.FAVOURITES, RowStatus.SKIPPED, Reason.UNREADABLE),
        (TitleKey(TV, 87108), ListName.WATCHLIST, RowStatus.WAITING, None),
    ]
    assert rows[0].title is not None
    assert rows[0].title.poster_path == "/m807.svg"
    assert rows[2].at == day("2023-01-10")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"),
        lambda text: text.decode().encode("utf-16"),
        lambda text: b"\n\n" + text + b"\n\n,,,\n",
        lambda text: text.rstrip(b"\n"),
    ],
    ids=["mark", "CRLF", "mark and CRLF", "UTF-16", "empty lines", "no last line break"],
)
@pytest.mark.parametrize(
    "name",
    ["letterboxd/ratings.csv", "imdb-watchlist.csv", "netflix-viewing-history.csv"],
)
def test_the_form_of_a_text_changes_nothing(name: str, change: object) -> None:
    assert callable(change)
    expected = [(row.name, row.shelf, row.at, row.imdb_id) for row in parse(name)]

    rows = parse(name, change(content(name)))

    assert [(row.name, row.shelf, row.at, row.imdb_id) for row in rows] == expected


def test_a_spreadsheets_semicolons_are_read() -> None:
    text = "Date;Name;Year;Letterboxd URI;Rating\n2019-03-02;Se7en, or Seven;1995;x;5\n"

    assert [row.name for row in parse("ratings.csv", text.encode())] == ["Se7en, or Seven"]


def test_a_row_without_title_and_id_is_skipped_with_its_reason() -> None:
    text = "Date,Name,Year,Letterboxd URI,Rating\n2019-03-02,,1995,x,5\n2019,Salt\n"

    rows = parse("ratings.csv", text.encode())

    assert [(row.status, row.reason) for row in rows] == [
        (RowStatus.SKIPPED, Reason.UNREADABLE),
        (RowStatus.WAITING, None),
    ]


def test_a_day_in_the_future_is_now_and_no_day_is_none() -> None:
    text = "Date,Name,Year,Letterboxd URI\n2999-01-01,A,,x\nsoon,B,,x\n0001-01-01,C,,x\n"

    assert [row.at for row in parse("watchlist.csv", text.encode())] == [NOW, None, None]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (b"", ImportFileEmpty),
        (b"\n \n", ImportFileEmpty),
        (b"Date,Name,Year,Letterboxd URI,Rating\n", ImportFileEmpty),
        (b"a,b,c\n1,2,3\n", ImportFileUnknown),
        (b"Title,Date,Stars\nA,1/1/24,5\n", ImportFileUnknown),
        (b"[]", ImportFileUnknown),
        (b'{"format": 2, "favourites": []}', ImportFileUnknown),
        (b'[{"movie": 1}]', ImportFileUnknown),
        (b"{", ImportFileUnreadable),
        (b"[" * 100_000, ImportFileUnreadable),
        (
            "Date,Name,Year,Letterboxd URI,Rating\n,Amélie,,,\n".encode("latin-1"),
            ImportFileUnreadable,
        ),
        ("Title,Date\nAm\ufffdlie,1/1/24\n".encode(), ImportFileUnreadable),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ImportFileUnreadable),
        (b"PK\x03\x04 not an archive", ImportFileUnreadable),
        (archive({}), ImportFileUnknown),
        (archive({"photo.jpg": b"1", "a.csv": b"a,b\n1,2\n"}), ImportFileUnknown),
        (b'Title,Date\n"' + b"x" * 200_000, ImportFileUnreadable),
    ],
    ids=range(17),
)
def test_a_file_that_is_not_known_is_refused_by_kind(
    given: bytes, error: type[MatineeError]
) -> None:
    with pytest.raises(error) as refused:
        parse("ratings.csv", given)

    assert refused.value.message


def test_an_archive_of_two_sites_is_refused() -> None:
    files = {"a.csv": content("imdb-ratings.csv"), "b.csv": content("tmdb-ratings.csv")}

    with pytest.raises(ImportFileUnknown, match="several sites"):
        parse("both.zip", archive(files))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "MAX_UNPACKED_BYTES", 1_000_000)
    bomb = archive({"ratings.csv": b"Date,Name,Year,Letterboxd URI,Rating\n" + b"0" * 50_000_000})
    assert len(bomb) < 100_000

    with pytest.raises(ImportTooLarge):
        parse("bomb.zip", bomb)


def test_an_archive_whose_sizes_are_lies_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "MAX_UNPACKED_BYTES", 1_000)
    honest = archive({"ratings.csv": b"0" * 5_000})
    entry = zipfile.ZipFile(io.BytesIO(honest)).infolist()[0]
    lie = honest.replace(entry.file_size.to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises((ImportTooLarge, ImportFileUnreadable)):
        parse("lie.zip", lie)


def test_an_archive_of_too_many_files_is_refused() -> None:
    with pytest.raises(ImportTooLarge):
        parse("many.zip", archive({f"{number}.txt": b"" for number in range(2_001)}))


def test_a_file_of_too_many_rows_is_refused() -> None:
    lines = b"".join(b"2019-03-02,A,1995,x,5\n" for _ in range(20_001))

    with pytest.raises(ImportTooLarge, match="20001 rows"):
        parse("ratings.csv", b"Date,Name,Year,Letterboxd URI,Rating\n" + lines)


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",\n\r;'),
            min_size=1,
            max_size=30,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_title_comes_back_on_its_own_row(names: list[str]) -> None:
    quoted = [f'2020-01-01,"{name.replace('"', '""')}",2000,https://boxd.it/x' for name in names]
    text = "Date,Name,Year,Letterboxd URI\n" + "\n".join(quoted)
    if "\ufffd" in text:
        return

    rows = parse("watchlist.csv", text.encode())

    assert len(rows) == len(names)
    assert all(row.name is None or "".join(row.name.split()) for row in rows)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_at_all_cause_anything_but_a_refusal(given: bytes) -> None:
    with suppress(*REFUSALS):
        parse("ratings.csv", given)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["movie", "show", "ids", "items", "id", "title", "format", "year"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_at_all_causes_anything_but_a_refusal(value: object) -> None:
    with suppress(*REFUSALS):
        parse("watchlist.json", json.dumps(value).encode())
