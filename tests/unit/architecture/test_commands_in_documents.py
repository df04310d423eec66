"""The commands of AWS's CLI in the documents exist, and say what the CLI would ask or guess."""

import re
import shlex
from collections.abc import Iterator
from functools import cache

import pytest
from botocore import xform_name
from botocore.model import ServiceModel
from botocore.session import Session

from tools.contracts.paths import ROOT

_COMMAND = re.compile(r"^ {4}(aws (?:.*\\\n)*.*)", re.MULTILINE)
_OF_THE_CLI = {"region", "query", "output", "cli-binary-format", "cli-read-timeout"}
_BLOBS = {"payload"}
_WITHOUT_REGION = {("s3api", "list-buckets")}
"""Commands that have one answer, whatever the region."""


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of an indented block, with its page."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/**/README.md")]
    for page in pages:
        if not {".venv", "node_modules"} & set(page.parts):
            for found in _COMMAND.finditer(page.read_text(encoding="utf-8")):
                yield page.relative_to(ROOT).as_posix(), found[1].replace("\\\n", " ")


@cache
def operations(service: str) -> dict[str, set[str]]:
    """Return the commands of a service, each with its options."""
    session = Session()
    model: ServiceModel = session.get_service_model(service.removesuffix("api"))  # s3api
    found = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        options = {xform_name(member, "-") for member in (shape.members if shape else ())}
        found[xform_name(name, "-")] = options
    return found


def faults(command: str) -> list[str]:
    """Find what is wrong with one command."""
    _, service, operation, *words = shlex.split(command)
    options = {word.removeprefix("--") for word in words if word.startswith("--")}
    known = operations(service).get(operation)
    if known is None:
        return [f"{service} has no {operation}"]
    found = [
        f"{operation} has no --{option}"
        for option in options
        if not {option, option.removeprefix("no-")} & (known | _OF_THE_CLI)
    ]
    if "region" not in options and (service, operation) not in _WITHOUT_REGION:
        found.append(f"{operation} takes the region from the shell")
    if options & _BLOBS and "cli-binary-format" not in options:
        found.append(f"{operation} would read its input as base64")
    return found


def test_the_documents_have_commands() -> None:
    pages = {page for page, _ in commands()}

    assert {"docs/deployment.md", "docs/operations.md"} <= pages


@pytest.mark.parametrize(("page", "command"), sorted(commands()))
def test_a_command_in_a_document_works_anywhere(page: str, command: str) -> None:
    assert faults(command) == [], page


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("aws dynamodb drop-table --region r", "dynamodb has no drop-table"),
        ("aws dynamodb delete-table --region r --name T", "delete-table has no --name"),
        (
            "aws dynamodb delete-table --table-name T",
            "delete-table takes the region from the shell",
        ),
        (
            "aws lambda invoke --region r --function-name F --payload '{}' out",
            "invoke would read its input as base64",
        ),
    ],
)
def test_a_command_that_fails_is_found(command: str, fault: str) -> None:
    assert faults(command) == [fault]
