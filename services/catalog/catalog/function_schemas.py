"""The discovery function's contract as JSON Schemas, generated from the models at the edge.

`python -m catalog.function_schemas contracts/functions/catalog` writes them. A released version
does not change any more: an addition gets the next minor version beside it.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from catalog.api.discover_schemas import DiscoverRequest, DiscoverResponse

VERSION = "1.0"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of field names: they say nothing."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's
        """Say no."""
        return False


def schemas() -> Mapping[str, dict[str, Any]]:
    """Return each schema by its file's path below contracts/functions/catalog."""
    request = DiscoverRequest.model_json_schema(
        mode="validation", schema_generator=_WithoutFieldTitles
    )
    response = DiscoverResponse.model_json_schema(
        mode="serialization", schema_generator=_WithoutFieldTitles
    )
    return {
        f"Discover/{VERSION}.request.json": _identified(request, "DiscoverRequest"),
        f"Discover/{VERSION}.response.json": _identified(response, "DiscoverResponse"),
    }


def written(schema: Mapping[str, Any]) -> str:
    """Return a schema as its file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write every schema below the folder that the first argument names."""
    folder = Path(arguments[0])
    for path, schema in schemas().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(schema))


def _identified(schema: dict[str, Any], name: str) -> dict[str, Any]:
    identity = f"urn:matinee:functions:catalog:{name}:{VERSION}"
    return {"$schema": _DIALECT, "$id": identity, **schema}


if __name__ == "__main__":
    main(sys.argv[1:])
