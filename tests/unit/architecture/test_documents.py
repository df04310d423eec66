"""What documents name exists: tests, and commands of AWS's CLI, which leave nothing to guess."""

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
_TEST = re.compile(r"\b(?P<path>tests/[\w/]+\.py)(?P<names>(?:::\w+)*)")
_OF_THE_CLI = {"region", "query", "output", "cli-binary-format", "cli-read-timeout"}
_BLOBS = {"payload"}
_WITHOUT_REGION = {("s3api", "list-buckets")}
"""Commands that have one answer, whatever the region."""


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of an indented block, with its page."""
    for page, text in pages():
        for found in _COMMAND.finditer(text):
            yield page, found[1].replace("\\\n", " ")


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page for people with its text."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/**/README.md")]:
        if not {".venv", "node_modules"} & set(page.parts):
            yield page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8")


def missing_tests(text: str) -> list[str]:
    """Find tests that a page names, `tests/file.py::name`, and that are not there."""
    return [
        found[0]
        for found in _TEST.finditer(text)
        if not (ROOT / found["path"]).is_file()
        or any(
            not re.search(rf"\b(def|class) {name}\b", (ROOT / found["path"]).read_text("utf-8"))
            for name in filter(None, (found["names"] or "").split("::"))
        )
    ]


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
    assert {"docs/deployment.md", "docs/operations.md"} <= {page for page, _ in commands()}


def test_every_test_that_a_document_names_is_there() -> None:
    assert {page: missing for page, text in pages() if (missing := missing_tests(text))} == {}


def test_a_test_that_is_gone_is_found() -> None:
    own = "tests/unit/architecture/test_documents.py"
    text = f"`{own}`, `{own}::test_a_test_that_is_gone_is_found`, `{own}::test_b`, `tests/gone.py`"

    assert missing_tests(text) == [f"{own}::test_b", "tests/gone.py"]


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
