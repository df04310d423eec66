"""Calls of the GraphQL API as a resolver's function receives them."""

from typing import Any

from rooms.api.resolvers import RESOLVERS

ROOM_FIELDS = ("id", "code", "participants")


def signed_in(user_id: str, *groups: str) -> dict[str, Any]:
    """Return the identity of a user of the pool."""
    return {
        "sub": user_id,
        "username": user_id,
        "groups": list(groups or ("Users",)),
        "claims": {
            "sub": user_id,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "cognito:groups": list(groups or ("Users",)),
        },
        "sourceIp": ["192.0.2.1"],
    }


def service_role() -> dict[str, Any]:
    """Return the identity of one of our functions."""
    return {
        "accountId": "000000000000",
        "userArn": "arn:aws:sts::000000000000:assumed-role/notifier/session",
        "username": "AROAEXAMPLE:session",
        "sourceIp": ["192.0.2.2"],
    }


def call(
    field: str,
    arguments: dict[str, Any] | None = None,
    *,
    identity: dict[str, Any] | None = None,
    selection: tuple[str, ...] = ROOM_FIELDS,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the event of one field, for example of "vote"."""
    parents = {name.split(".")[0] for name in RESOLVERS if name.endswith(f".{field}")}
    parent = "Query" if "Query" in parents else parents.pop()
    return {
        "arguments": arguments or {},
        "identity": identity,
        "source": None,
        "request": {"headers": headers or {}, "domainName": None},
        "prev": None,
        "info": {
            "fieldName": field,
            "parentTypeName": parent,
            "variables": {},
            "selectionSetList": list(selection),
        },
        "stash": {},
    }
