"""The contracts of the services' functions as JSON Schemas, generated from the models at its edge.

A released version does not change any more: an addition gets the next minor version beside it.
"""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from auth.api.export_schemas import ExportAccountRequest, ExportAccountResponse
from auth.api.guest_schemas import CreateGuestRequest, CreateGuestResponse
from auth.api.name_schemas import NamesRequest, NamesResponse
from catalog.api.card_schemas import CardsRequest, CardsResponse
from catalog.api.discover_schemas import DiscoverRequest, DiscoverResponse
from catalog.api.resolve_schemas import ResolveRequest, ResolveResponse
from recommender.api.group_deck_schemas import GroupDeckRequest, GroupDeckResponse
from recommender.api.own_scores_schemas import OwnScoresRequest, OwnScoresResponse
from rooms.api.export_schemas import ExportUserRequest, ExportUserResponse
from tools.contracts.project import Fault, Project

MODELS: Mapping[str, tuple[str, type[BaseModel], type[BaseModel]]] = {
    "auth/CreateGuest": ("1.0", CreateGuestRequest, CreateGuestResponse),
    "auth/ExportAccount": ("1.0", ExportAccountRequest, ExportAccountResponse),
    "auth/Names": ("1.1", NamesRequest, NamesResponse),
    "catalog/Cards": ("1.0", CardsRequest, CardsResponse),
    "catalog/Discover": ("1.1", DiscoverRequest, DiscoverResponse),
    "catalog/Resolve": ("1.0", ResolveRequest, ResolveResponse),
    "recommender/GroupDeck": ("1.1", GroupDeckRequest, GroupDeckResponse),
    "recommender/OwnScores": ("1.1", OwnScoresRequest, OwnScoresResponse),
    "rooms/ExportUser": ("1.0", ExportUserRequest, ExportUserResponse),
}
"""The present version of each, request and response; older versions stay beside it."""

FOLDER = "contracts/functions"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of field names: they say nothing."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's
        """Return False."""
        return False


def texts() -> Mapping[str, str]:
    """Return each schema's text by its file's path below contracts/functions."""
    texts = {}
    for name, (version, request, response) in MODELS.items():
        service = name.partition("/")[0]
        texts[f"{name}/{version}.request.json"] = _text(request, "validation", service, version)
        texts[f"{name}/{version}.response.json"] = _text(
            response, "serialization", service, version
        )
    return texts


def outdated(project: Project) -> Iterator[Fault]:
    """Find schemas that are not what the models say."""
    for path, text in texts().items():
        file = project.root / FOLDER / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            yield Fault(project.shown(file), "is not what the models say: run `make contracts`")


def _text(model: type[BaseModel], mode: JsonSchemaMode, service: str, version: str) -> str:
    schema = model.model_json_schema(mode=mode, schema_generator=_WithoutFieldTitles)
    identity = f"urn:matinee:functions:{service}:{model.__name__}:{version}"
    schema = {"$schema": _DIALECT, "$id": identity, **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
