"""Whatever this product returns as a title, it accepts as one: every interface, every field."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_ast_schema, get_named_type, is_enum_type, parse

from matinee.media import MediaType
from matinee.validation import validate
from recommender.api.requests import RecommendationsBody
from recommender.domain.requests import EntityRef
from tests.fakes.graphql_schema import schema_text
from tests.fakes.library_http import LibraryApi, library_api, reset_handlers
from tools.contracts.openapi import document
from tools.contracts.paths import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

type Json = dict[str, Any]

ID = 1396
VALUES: Mapping[str, object] = {
    "mediaId": str(ID),
    "movieId": ID,
    "media_id": ID,
    "movie_id": ID,
    "id": ID,
    "mediaType": "tv",
    "type": "tv",
    "adult": False,
    "media_type": "tv",
    "posterPath": "/p.jpg",
    "backdropPath": "/b.jpg",
    "releaseDate": "2008-01-20",
    "addedAt": "2026-01-31T12:00:00.000Z",
    "genres": "18|80",
    "genreIds": [18, 80],
    "voteAverage": 8.9,
    "title": "Salt",
    "movieTitle": "Salt",
}
"""What the fields of titles may contain; others contain something of their type."""


def names_a_title(fields: Mapping[str, object]) -> bool:
    has_id = {"mediaId", "movieId", "media_id", "movie_id"} & fields.keys()
    has_type = {"mediaType", "media_type"} & fields.keys()
    return bool(has_type and (has_id or {"id", "title"} <= fields.keys()))


def rest_titles() -> Iterator[tuple[str, Json]]:
    """Yield a value of every schema of the HTTP API's responses that names a title."""
    schemas: Json = json.loads(json.dumps(document()))["components"]["schemas"]
    for name, schema in schemas.items():
        fields = schema.get("properties", {})
        if names_a_title(fields):
            yield name, {field: value_of(field, shape, schemas) for field, shape in fields.items()}


def value_of(field: str, shape: Json, schemas: Json) -> object:
    name = field if field in VALUES else camel(field)
    if name in VALUES:
        return VALUES[name]
    if "$ref" in shape:
        return value_of(field, schemas[shape["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in shape:
        return value_of(field, shape["anyOf"][0], schemas)
    by_type = {"integer": 7, "number": 7.5, "boolean": False, "array": [], "null": None}
    if shape.get("type") == "object":
        parts = shape.get("properties", {})
        return {part: value_of(part, inner, schemas) for part, inner in parts.items()}
    return by_type.get(shape.get("type", ""), "text")


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def graphql_titles() -> Iterator[tuple[str, Json]]:
    """Yield a value of every type of the GraphQL schema that names a title."""
    schema = build_ast_schema(parse(schema_text()), assume_valid_sdl=True)
    for name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLObjectType) and names_a_title(type_.fields):
            yield (
                name,
                {
                    field: "TV" if is_enum_type(get_named_type(given.type)) else VALUES.get(field)
                    for field, given in type_.fields.items()
                },
            )


def event_titles() -> Iterator[tuple[str, Json]]:
    """Yield every title in the examples of events and functions."""
    for path in sorted((ROOT / "contracts").glob("*/*/*/*.example.json")):
        for place, found in titles_in(json.loads(path.read_text())):
            yield f"{path.parent.name}{place}", found


def titles_in(value: object, place: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        if names_a_title(value):
            yield place, value
        for name, part in value.items():
            yield from titles_in(part, f"{place}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from titles_in(part, f"{place}.{number}")


OWN = [*rest_titles(), *graphql_titles(), *event_titles()]


@pytest.fixture(scope="module")
def api() -> Iterator[LibraryApi]:
    with pytest.MonkeyPatch.context() as patch:
        yield library_api(patch)
    reset_handlers()


def test_every_interface_is_found() -> None:
    assert {
        *("EntryResponse", "MediaItem", "MediaDetails", "Item", "ImportedEntry"),
        *("Movie", "Match", "UserMatchEvent"),
        *(
            "FavouriteAdded.detail.data",
            "TitlesCached.detail.data.titles.0",
            "MatchFound.detail.data",
        ),
    } <= {name for name, _ in OWN}


@pytest.mark.parametrize(("title"), [title for _, title in OWN], ids=[name for name, _ in OWN])
def test_a_title_of_any_interface_is_accepted(api: LibraryApi, title: Json) -> None:
    number = next(
        int(title[name]) for name in VALUES if name in title and str(title[name]).isdecimal()
    )
    kind = str(title.get("mediaType") or title.get("media_type")).lower()
    for path in ("/user/favourites", "/user/watchlist"):
        item = api("POST", path, title).body["item"]
        assert (item["id"], item["mediaType"]) == (number, kind)
        [result] = api("POST", f"{path}/bulk", {"add": [title]}).body["results"]
        assert (result["status"], result["mediaId"]) == ("already", str(number))
    imported = api("POST", "/user/import", {"favourites": [title]}).body
    assert imported["favourites"]["already"] == 1
    moved = api("POST", "/user/watchlist/move-to-favourites", title)
    assert moved.body["item"]["id"] == number
    removed = api("DELETE", "/user/favourites", title).body
    assert (removed["removed"], removed["mediaType"]) == (True, kind)
    asked = validate(RecommendationsBody, {"exclude": [title], "favorites": [title]}).to_request()
    assert asked.exclude == asked.favourites == (EntityRef(number, MediaType(kind)),)
