"""The requests of the original's client, word for word, and the fields that it reads."""

import json
from typing import Any

import pytest

from tests.fakes.library_http import LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

ADDITION = {
    "mediaId": "550",
    "title": "Fight Club",
    "mediaType": "movie",
    "poster_path": "/fight.jpg",
    "overview": "A ticking-time-bomb insomniac.",
    "release_date": "1999-10-15",
    "vote_average": 8.4,
}
LISTS = pytest.mark.parametrize("path", ["/user/favourites", "/user/watchlist"])
TMDBS = {
    "id": 1399,
    "mediaId": 1399,
    "mediaType": "tv",
    "name": "Thrones",
    "original_name": "Thrones",
    "origin_country": ["US"],
    "adult": False,
    "video": False,
    "first_air_date": "2011-04-17",
    "backdrop_path": None,
    "poster_path": "/t.jpg",
    "genre_ids": [10765, 18],
    "original_language": "en",
    "popularity": 369.594,
    "vote_average": 8.438,
    "vote_count": 21390,
    "overview": "",
}
RECOMMENDED = {
    "mediaId": "27205",
    "id": 27205,
    "mediaType": "movie",
    "title": "Inception",
    "overview": "A thief.",
    "posterPath": "/i.jpg",
    "backdropPath": "/b.jpg",
    "voteAverage": 8.4,
    "releaseDate": "2010-07-15",
    "popularity": 83.9,
    "genres": "28|878|12",
    "score": 71.5,
    "recommendationReason": "Because you liked heists",
}
FOURTEEN = {
    "favoriteGenres": ["Action", "28", 878],
    "keywords": ["heist"],
    "minRating": 6,
    "maxRating": 10,
    "releaseYearStart": 1980,
    "releaseYearEnd": 2025,
    "subgenrePreferences": ["superhero"],
    "moodPreferences": ["thoughtful"],
    "eraPreferences": ["modern"],
    "languagePreferences": ["en"],
    "criticalAcclaimPreferences": ["awardWinning"],
    "aestheticPreferences": ["visuallyStunning"],
    "storyStructurePreferences": ["twist"],
    "characterPreferences": ["ensemble"],
}
QUESTIONNAIRE = {
    "dislikedGenres": [27],
    "contentType": "both",
    "favoriteContent": "Heat, and whatever Mann made",
    "watchingContext": "alone",
    "streamingPlatforms": ["netflix"],
    "watchingTime": ["evening", "weekend"],
    "runtimePreference": "medium",
    "maturityPreference": "",
    "favoritePeople": {"actors": ["Ada Quill"], "directors": []},
    "contentDiscoveryPreference": ["trending", "hiddenGems"],
    "viewingBehaviorPreference": "binge",
    "dealBreakers": ["jumpScares"],
    "internationalContentPreference": "someOpen",
    "genreRatings": {"28": 8, "35": 3},
    "questionnaireCompleted": True,
}


@LISTS
def test_a_listed_title_has_all_fields_that_clients_read(api: LibraryApi, path: str) -> None:
    assert api("POST", path, ADDITION).status == 200

    [item] = api("GET", path).body["items"]

    assert item["mediaId"] == "550"
    assert item["mediaType"] == "movie"
    assert item["posterPath"] == item["poster_path"] == "/fight.jpg"
    assert item["voteAverage"] == item["vote_average"] == 8.4
    assert item["releaseDate"] == item["release_date"] == "1999-10-15"
    assert item["title"] == "Fight Club"
    assert item["addedAt"] == "2026-01-31T12:00:00.000Z"


@pytest.mark.parametrize("given", [TMDBS, RECOMMENDED, {"movieId": 550}, {"movieId": "550"}])
@LISTS
def test_titles_of_every_source_are_accepted(
    api: LibraryApi, path: str, given: dict[str, Any]
) -> None:
    added = api("POST", path, given)

    assert added.status == 200
    assert added.body["item"]["id"] == int(given.get("mediaId") or given["movieId"])


def test_genres_of_a_recommendation_become_ids(api: LibraryApi) -> None:
    item = api("POST", "/user/favourites", RECOMMENDED).body["item"]

    assert item["genreIds"] == item["genre_ids"] == [28, 878, 12]
    assert item["backdropPath"] == item["backdrop_path"] == "/b.jpg"


@pytest.mark.parametrize(("genres", "ids"), [("", []), ("28|", [28]), ([], [])])
def test_a_title_may_have_no_genres(api: LibraryApi, genres: object, ids: list[int]) -> None:
    item = api("POST", "/user/favourites", {**RECOMMENDED, "genres": genres}).body["item"]

    assert item["genreIds"] == ids


def test_answers_that_are_too_long_together_are_rejected(api: LibraryApi) -> None:
    words = [f"{number}{'漢' * 98}" for number in range(50)]
    saved = [
        api("POST", "/user/preferences", {name: words})
        for name in FOURTEEN
        if name.endswith("Preferences")
    ]

    assert {answer.code for answer in saved} == {"", "PreferencesTooLong"}
    assert saved[-1].status == 400


def test_a_series_has_the_field_names_of_films(api: LibraryApi) -> None:
    item = api("POST", "/user/watchlist", TMDBS).body["item"]

    assert (item["title"], item["releaseDate"]) == ("Thrones", "2011-04-17")
    assert "backdropPath" not in item


@LISTS
def test_a_listed_title_can_be_sent_again(api: LibraryApi, path: str) -> None:
    item = api("POST", path, RECOMMENDED).body["item"]

    again = api("POST", path, item)

    assert (again.status, again.body["item"]) == (200, item)


@LISTS
def test_a_title_is_removed_by_query_string_or_body(api: LibraryApi, path: str) -> None:
    named: list[dict[str, Any]] = [
        {"query": {"mediaId": "550"}},
        {"query": {"movieId": "550"}},
        {"body": {"mediaId": "550"}},
        {"body": {"mediaId": 550, "mediaType": "movie"}},
        {"body": {"movieId": 550, "title": "Fight Club"}},
    ]
    for remove in named:
        api("POST", path, ADDITION)
        assert api("DELETE", path, **remove).body["removed"] is True
        gone = api("DELETE", path, **remove)
        assert (gone.status, gone.body["removed"]) == (200, False)


@LISTS
def test_a_duplicate_is_no_error_and_a_series_is_none(api: LibraryApi, path: str) -> None:
    first = api("POST", path, ADDITION).body["item"]
    api.library.now.advance(days=1)

    assert api("POST", path, ADDITION).body["item"] == first
    assert api("POST", path, {**ADDITION, "mediaType": "tv"}).body["item"] != first
    assert [item["mediaType"] for item in api("GET", path).body["items"]] == ["tv", "movie"]


def test_all_answers_of_the_questionnaire_are_kept(api: LibraryApi) -> None:
    sent = {**FOURTEEN, **QUESTIONNAIRE, "userId": "ann", "updatedAt": "2026-01-01T00:00:00.000Z"}

    saved = api("POST", "/user/preferences", sent)
    found = api("GET", "/user/preferences").body["preferences"]

    assert saved.status == 200
    assert saved.body["preferences"] == found
    assert found == {
        **FOURTEEN,
        **QUESTIONNAIRE,
        "favoriteGenres": [28, 878],
        "maturityPreference": [],
        "keepMatches": False,
        "learnFromSwipes": True,
        "region": None,
        "extra": {},
        "updatedAt": "2026-01-31T12:00:00.000Z",
    }


def test_a_clients_own_flags_are_kept_beside_the_answers(api: LibraryApi) -> None:
    sent = {"minRating": 7, "quickModeCompleted": True, "lastStep": 4, "theme": "dark"}
    api("POST", "/user/preferences", sent)
    api("POST", "/user/preferences", {"lastStep": 5, "theme": None})

    found = api("GET", "/user/preferences").body["preferences"]

    assert found["extra"] == {"quickModeCompleted": True, "lastStep": 5}
    assert (found["quickModeCompleted"], found["lastStep"], found["minRating"]) == (True, 5, 7)
    assert api("POST", "/user/preferences", found).body["preferences"] == found
    for event in api.library.tables.outbox:
        assert "quickMode" not in str(event)


def test_a_clients_flags_are_bounded_over_several_requests(api: LibraryApi) -> None:
    api("POST", "/user/preferences", {f"flag{number}": number for number in range(50)})

    assert api("POST", "/user/preferences", {"other": 1}).code == "PreferencesTooLong"
    assert api("POST", "/user/preferences", {"flag7": 8}).status == 200


def test_a_misspelt_question_is_an_error_with_a_suggestion(api: LibraryApi) -> None:
    refused = api("POST", "/user/preferences", {"favouriteGenres": ["Horror"]})

    assert refused.body["fields"]["favouriteGenres"].endswith("did you mean favoriteGenres?")


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("kid-friendly", "kids"),
        ("Family Friendly", "kids"),
        (["G", "PG", "kids"], ["kids"]),
        ("PG-13", "teens"),
        (["R", "TV-MA"], ["adults"]),
        ("any", []),
        (["any"], []),
    ],
)
def test_maturity_is_one_of_a_closed_list(api: LibraryApi, given: object, stored: object) -> None:
    saved = api("POST", "/user/preferences", {"maturityPreference": given})

    assert saved.body["preferences"]["maturityPreference"] == stored


def test_answers_are_saved_one_by_one(api: LibraryApi) -> None:
    for name, answer in {**FOURTEEN, **QUESTIONNAIRE}.items():
        assert api("POST", "/user/preferences", {name: answer, "userId": "bob"}).status == 200

    found = api("GET", "/user/preferences").body["preferences"]
    assert found["dealBreakers"] == ["jumpScares"]
    assert found["subgenrePreferences"] == ["superhero"]
    assert api.library.tables.published == ["PreferencesUpdated"] * (
        len({**FOURTEEN, **QUESTIONNAIRE}) - 1  # an empty text is no answer
    )


def test_returned_preferences_can_be_sent_again(api: LibraryApi) -> None:
    api("POST", "/user/preferences", FOURTEEN)
    shown = api("GET", "/user/preferences").body["preferences"]

    assert api("POST", "/user/preferences", shown).body["preferences"] == shown


def test_preferences_are_reset(api: LibraryApi) -> None:
    defaults = api("GET", "/user/preferences").body["preferences"]
    api("POST", "/user/preferences", FOURTEEN)

    reset = api("POST", "/user/preferences/reset")

    assert reset.status == 200
    assert {**reset.body["preferences"], "updatedAt": None} == defaults


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/user/favourites", {"title": "nothing"}, "mediaId"),
        ("/user/favourites", {"mediaId": "abc"}, "mediaId"),
        ("/user/favourites", {"mediaId": True}, "mediaId"),
        ("/user/favourites", {"mediaId": 5.5}, "mediaId"),
        ("/user/favourites", {"mediaId": -5}, "mediaId"),
        ("/user/favourites", {"mediaId": 2**31}, "mediaId"),
        ("/user/favourites", {"mediaId": "9" * 40}, "mediaId"),
        ("/user/favourites", {"mediaId": 5, "mediaType": "book"}, "mediaType"),
        ("/user/favourites", {"mediaId": 5, "mediaTyp": "tv"}, "mediaTyp"),
        ("/user/favourites", {"mediaId": 5, "title": "x" * 501}, "title"),
        ("/user/favourites", {"mediaId": 5, "title": "\ud800"}, "title"),
        ("/user/favourites", {"mediaId": 5, "overview": "x" * 5001}, "overview"),
        ("/user/favourites", {"mediaId": 5, "posterPath": "/плакат.jpg"}, "posterPath"),
        ("/user/favourites", {"mediaId": 5, "vote_average": 11}, "voteAverage"),
        ("/user/favourites", {"mediaId": 5, "popularity": 1e300}, "popularity"),
        ("/user/favourites", {"mediaId": 5, "genre_ids": [1] * 51}, "genreIds"),
        ("/user/favourites", {"mediaId": 5, "genre_ids": [{"id": "x"}]}, "genreIds"),
        ("/user/preferences", {"minRating": "abc"}, "minRating"),
        ("/user/preferences", {"minRating": 11}, "minRating"),
        ("/user/preferences", {"minRating": True}, "minRating"),
        ("/user/preferences", {"minRating": 8, "maxRating": 2}, "minRating"),
        ("/user/preferences", {"favoriteGenres": ["Bollywood"]}, "favoriteGenres.0"),
        ("/user/preferences", {"favoriteGenres": [1]}, "favoriteGenres.0"),
        ("/user/preferences", {"keywords": ["x"] * 51}, "keywords"),
        ("/user/preferences", {"keywords": ["x" * 101]}, "keywords.0"),
        ("/user/preferences", {"contentType": "books"}, "contentType"),
        ("/user/preferences", {"genreRatings": {"28": 11}}, "genreRatings.28"),
        ("/user/preferences", {"favoritePeople": {"cooks": []}}, "favoritePeople.cooks"),
        ("/user/preferences", {"releaseYearStart": 1492}, "releaseYearStart"),
        ("/user/preferences", {"favouriteGenres": ["Horror"]}, "favouriteGenres"),
        ("/user/preferences", {"questionnaireComplete": True}, "questionnaireComplete"),
        ("/user/preferences", {"maturityPreference": "mild"}, "maturityPreference.one"),
        ("/user/preferences", {"maturityPreference": ["PG", "X"]}, "maturityPreference.several"),
        ("/user/preferences", {"quickMode": {"deep": 1}}, "extra.quickMode"),
        ("/user/preferences", {"quickMode": "x" * 201}, "extra.quickMode"),
        ("/user/preferences", {"quick mode": 1}, "extra.quick mode"),
        ("/user/preferences", {f"flag{n}": n for n in range(51)}, "extra"),
        ("/user/preferences", {"watchingTime": [1]}, "watchingTime.several.0"),
        ("/user/preferences", {"questionnaireCompleted": "yes"}, "questionnaireCompleted"),
    ],
)
def test_an_invalid_field_is_named_and_nothing_changes(
    api: LibraryApi, path: str, body: dict[str, Any], field: str
) -> None:
    refused = api("POST", path, body)

    assert refused.status == 400
    assert list(refused.body["fields"]) == [field]
    assert api.library.tables.outbox == []


@pytest.mark.parametrize("nan", ["NaN", "Infinity", "-Infinity"])
def test_non_finite_numbers_are_rejected(api: LibraryApi, nan: str) -> None:
    assert api("POST", "/user/preferences", f'{{"minRating": {nan}}}').status == 400
    assert api("POST", "/user/favourites", f'{{"mediaId": 5, "popularity": {nan}}}').status == 400


@pytest.mark.parametrize("body", ["", "[", "[]", '"x"', "null", "x" * 70_000])
def test_a_body_that_is_no_object_is_rejected(api: LibraryApi, body: str) -> None:
    for path in ("/user/favourites", "/user/preferences", "/user/favourites/bulk", "/user/import"):
        assert api("POST", path, body).code == "MalformedBody"


def test_an_import_may_be_longer_than_other_bodies(api: LibraryApi) -> None:
    titles = [{**ADDITION, "mediaId": number, "overview": "x" * 4000} for number in range(1, 101)]

    assert api("POST", "/user/import", {"favourites": titles}).body["favourites"]["added"] == 100
    assert api("POST", "/user/favourites/bulk", {"add": titles}).status == 200
    too_long = json.dumps({"favourites": [{"mediaId": 1, "overview": "x" * 3_000_000}]})
    assert api("POST", "/user/import", too_long).code == "MalformedBody"


@pytest.mark.parametrize(
    ("titles", "message"),
    [
        ([{"mediaId": 1}, {"mediaId": 2}], "2 titles imported"),
        ([{"mediaId": 1}, {"mediaId": "x"}], "1 title imported, 1 title invalid"),
        ([{"mediaId": 9}], "0 titles imported, 1 title on your lists before"),
        ([], "There were no titles to import"),
    ],
)
def test_an_import_says_what_happened(
    api: LibraryApi, titles: list[dict[str, Any]], message: str
) -> None:
    api("POST", "/user/favourites", {"mediaId": 9})

    assert api("POST", "/user/import", {"favourites": titles}).body["message"] == message


def test_an_import_of_nothing_valid_is_no_success(api: LibraryApi) -> None:
    refused = api("POST", "/user/import", {"favourites": [{"mediaId": "x"}, {"title": "y"}]})

    assert (refused.status, refused.code) == (400, "NothingImported")
    assert refused.body["error"] == "Nothing was imported: 2 titles invalid"
    assert [problem["index"] for problem in refused.body["problems"]] == [0, 1]


def test_a_day_without_a_time_is_its_start_in_utc(api: LibraryApi) -> None:
    api("POST", "/user/import", {"favourites": [{"mediaId": 1, "addedAt": "2023-01-10"}]})

    [item] = api("GET", "/user/favourites").body["items"]
    assert item["addedAt"] == "2023-01-10T00:00:00.000Z"


def test_another_format_of_an_export_is_rejected(api: LibraryApi) -> None:
    refused = api("POST", "/user/import", {"format": 2, "favourites": [{"mediaId": 1}]})

    assert (refused.status, list(refused.body["fields"])) == (400, ["format"])
    assert api("POST", "/user/import", {"format": 1, "favourites": [{"mediaId": 1}]}).status == 200


def test_a_file_with_a_byte_order_mark_is_accepted(api: LibraryApi) -> None:
    file = "\ufeff" + json.dumps({"favourites": [{"mediaId": 1, "title": "Amélie"}]})

    assert api("POST", "/user/import", file).body["favourites"]["added"] == 1


def test_a_body_in_another_encoding_is_rejected(api: LibraryApi) -> None:
    latin = json.dumps({"mediaId": 1, "title": "Amélie"}, ensure_ascii=False).encode("iso-8859-1")

    refused = api("POST", "/user/favourites", latin.decode(errors="replace"))

    assert (refused.status, refused.code) == (400, "MalformedBody")
    assert "UTF-8" in refused.body["error"]
