"""No released route or field is taken away: each kind of break, tried on the document."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tools.contracts import rest_gate
from tools.contracts.openapi import document
from tools.contracts.paths import ROOT
from tools.contracts.project import Project

type Json = dict[str, Any]

SEEN = "/user/seen/{mediaType}/{mediaId}"


@pytest.fixture(scope="module")
def released() -> Json:
    found: Json = json.loads(json.dumps(document()))
    return found


def schemas(document: Json) -> Json:
    found: Json = document["components"]["schemas"]
    return found


def limit_of(document: Json) -> Json:
    [found] = [
        it for it in document["paths"]["/user/seen"]["get"]["parameters"] if it["name"] == "limit"
    ]
    parameter: Json = found
    return parameter


BREAKS: dict[str, Callable[[Json], object]] = {
    "the route is gone": lambda it: it["paths"]["/user/seen"].pop("get"),
    "has no field title any more": lambda it: schemas(it)["EntryResponse"]["properties"].pop(
        "title"
    ),
    "may lack items now": lambda it: schemas(it)["EntryPage"].pop("required"),
    "needs a body now": lambda it: it["paths"][SEEN]["put"]["requestBody"].update(required=True),
    "needs opinion now": lambda it: schemas(it)["NewSeenTitlePart"].update(required=["opinion"]),
    "needs the parameter limit now": lambda it: limit_of(it).update(required=True),
    "has maximum 10 now": lambda it: limit_of(it)["schema"].update(maximum=10),
    "has no parameter limit any more": lambda it: it["paths"]["/user/seen"]["get"][
        "parameters"
    ].remove(limit_of(it)),
    "does not accept ['fine'] any more": lambda it: schemas(it)["Opinion"]["enum"].remove("fine"),
    "is ['string'] now": lambda it: schemas(it)["EntryResponse"]["properties"]["id"].update(
        type="string"
    ),
    "does not answer 201 any more": lambda it: it["paths"][SEEN]["put"]["responses"].pop("201"),
    "has no header ETag any more": lambda it: it["paths"]["/user/preferences"]["get"]["responses"][
        "200"
    ]["headers"].pop("ETag"),
    "takes no text/csv any more": lambda it: it["paths"]["/user/imports"]["post"]["requestBody"][
        "content"
    ].pop("text/csv"),
    "needs a token now": lambda it: it["paths"]["/media"]["get"].update(
        security=[{"accessToken": []}]
    ),
}


def test_the_document_of_today_breaks_nothing_that_is_released(project: Project) -> None:
    assert (ROOT / "contracts/http/released.json").exists()
    assert list(rest_gate.broken(project)) == []


@pytest.mark.parametrize("reason", BREAKS)
def test_each_kind_of_break_is_refused(released: Json, reason: str) -> None:
    changed = deepcopy(released)
    BREAKS[reason](changed)

    assert any(reason in found for _, found in rest_gate.changes(released, changed))


def test_additions_break_nothing(released: Json) -> None:
    changed = deepcopy(released)
    changed["paths"]["/user/new"] = {"get": changed["paths"]["/user/seen"]["get"]}
    schemas(changed)["EntryResponse"]["properties"]["note"] = {"type": "string"}
    schemas(changed)["NewSeenTitlePart"]["properties"]["note"] = {"type": "string"}
    schemas(changed)["Opinion"]["enum"].append("loved")
    limit_of(changed)["schema"].update(maximum=5000)

    assert list(rest_gate.changes(released, changed)) == []
