"""CloudFormation resource types that the emulator lacks or understands in part, within its process.

- AWS::Events::Archive and AWS::Events::EventBusPolicy are unknown to it.
- A table's TimeToLiveSpecification is accepted and ignored.
- An HTTP API's CorsConfiguration is kept under names that its gateway does not read.
"""

import importlib
import json
from collections.abc import Mapping
from typing import Any

type Properties = Mapping[str, Any]
type Handlers = dict[str, Any]

ARCHIVE = "AWS::Events::Archive"
BUS_POLICY = "AWS::Events::EventBusPolicy"
HTTP_API = "AWS::ApiGatewayV2::Api"
TABLE = "AWS::DynamoDB::Table"
MAX_ARCHIVE_NAME_LENGTH = 48
_CORS_LISTS = frozenset({"AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders"})


class ResourceError(ValueError):
    """The emulator refuses a resource; CloudFormation reports the message as it is."""


def apply(_port: int) -> None:
    """Change the emulator's table of resource types; before it serves its first request."""
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    events = importlib.import_module("ministack.services.eventbridge")
    tables = importlib.import_module("ministack.services.dynamodb")
    handlers: dict[str, Handlers] = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - no other way in
    handlers.setdefault(ARCHIVE, archive_handlers(events))
    handlers.setdefault(BUS_POLICY, bus_policy_handlers(events))
    handlers[TABLE] = with_expiry(handlers[TABLE], tables)
    handlers[HTTP_API] = with_cors(handlers[HTTP_API])


def archive_handlers(events: Any) -> Handlers:  # noqa: ANN401 - an untyped module
    """Create, update and delete archives through the emulator's own API of them."""

    def request(name: str, properties: Properties) -> dict[str, Any]:
        pattern = properties.get("EventPattern")
        return {
            "ArchiveName": name,
            "Description": properties.get("Description", ""),
            "EventPattern": json.dumps(pattern) if pattern else "",
            "RetentionDays": int(properties.get("RetentionDays", 0)),
        }

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, dict[str, Any]]:
        name = str(properties.get("ArchiveName") or f"{stack}-{logical_id}")
        name = name[:MAX_ARCHIVE_NAME_LENGTH]
        wanted = request(name, properties) | {"EventSourceArn": properties["SourceArn"]}
        created = _done(events._create_archive(wanted))  # noqa: SLF001
        return name, {"Arn": created["ArchiveArn"], "ArchiveName": name}

    def update(
        name: str, _old: Properties, properties: Properties, _stack: str
    ) -> tuple[str, dict[str, Any]]:
        updated = _done(events._update_archive(request(name, properties)))  # noqa: SLF001
        return name, {"Arn": updated["ArchiveArn"], "ArchiveName": name}

    def delete(name: str, _properties: Properties) -> None:
        events._delete_archive({"ArchiveName": name})  # noqa: SLF001

    return {"create": create, "update": update, "delete": delete}


def bus_policy_handlers(events: Any) -> Handlers:  # noqa: ANN401 - an untyped module
    """Add, replace and remove statements of the policy that a bus has as a whole."""

    def put(properties: Properties) -> tuple[str, dict[str, Any]]:
        bus = properties.get("EventBusName", "default")
        sid = str(properties["StatementId"])
        remove(sid, properties)
        policy = events._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}  # noqa: SLF001
        policy["Statement"].append({"Sid": sid, **properties["Statement"]})
        events._event_bus_policies[bus] = policy  # noqa: SLF001
        return sid, {}

    def create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, Any]]:
        return put(properties)

    def update(
        sid: str, old: Properties, properties: Properties, _stack: str
    ) -> tuple[str, dict[str, Any]]:
        remove(sid, old)
        return put(properties)

    def remove(sid: str, properties: Properties) -> None:
        bus = properties.get("EventBusName", "default")
        events._remove_permission({"EventBusName": bus, "StatementId": sid})  # noqa: SLF001

    return {"create": create, "update": update, "delete": remove}


def with_expiry(handlers: Handlers, tables: Any) -> Handlers:  # noqa: ANN401 - an untyped module
    """Turn on the expiry of items that a table's template asks for."""

    def set_expiry(table: str, properties: Properties) -> None:
        wanted = properties.get("TimeToLiveSpecification")
        if wanted:
            enabled = str(wanted.get("Enabled")).lower() == "true"
            specification = {**wanted, "Enabled": enabled}
            _done(
                tables._update_ttl(  # noqa: SLF001
                    {"TableName": table, "TimeToLiveSpecification": specification}
                )
            )

    def create(logical_id: str, properties: Properties, stack: str) -> Any:  # noqa: ANN401
        created = handlers["create"](logical_id, properties, stack)
        set_expiry(created[0], properties)
        return created

    def update(
        table: str,
        old: Properties,
        properties: Properties,
        stack: str,
        logical_id: str | None = None,
    ) -> Any:  # noqa: ANN401
        updated = handlers["update"](table, old, properties, stack, logical_id)
        set_expiry(updated[0], properties)
        return updated

    return {**handlers, "create": create, "update": update}


def with_cors(handlers: Handlers) -> Handlers:
    """Name the members of a CorsConfiguration as the gateway reads them."""

    def create(logical_id: str, properties: Properties, stack: str) -> Any:  # noqa: ANN401
        return handlers["create"](logical_id, renamed(properties), stack)

    def update(
        api: str,
        old: Properties,
        properties: Properties,
        stack: str,
        logical_id: str | None = None,
    ) -> Any:  # noqa: ANN401
        return handlers["update"](api, renamed(old), renamed(properties), stack, logical_id)

    def renamed(properties: Properties) -> dict[str, Any]:
        cors = properties.get("CorsConfiguration")
        return {**properties, "CorsConfiguration": _cors(cors)} if cors else dict(properties)

    return {**handlers, "create": create, "update": update}


def _cors(configuration: Properties) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in configuration.items():
        # A parameter of type CommaDelimitedList may arrive as the text that it is.
        listed = name in _CORS_LISTS and isinstance(value, str)
        members = [item.strip() for item in value.split(",")] if listed else value
        found[name[0].lower() + name[1:]] = members
    return found


def _done(response: tuple[int, Any, bytes | str]) -> dict[str, Any]:
    """Return the body of the emulator's response. Raises ResourceError when it is an error."""
    status, _, body = response
    content: dict[str, Any] = json.loads(body or "{}")
    if status >= 400:  # noqa: PLR2004 - the first of HTTP's errors
        raise ResourceError(str(content.get("message") or content.get("Message") or content))
    return content
