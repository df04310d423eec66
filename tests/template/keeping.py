"""What is kept: tables that survive mistakes, logs that end."""

from functools import cache
from pathlib import Path

from tests.template.rights import statements
from tests.template.stacks import Stacks, as_list, logical_ids, target

ERASERS = frozenset(
    {
        "AccountFunctionRights",
        "EraserFunctionRights",
        "LibraryEraserFunctionRights",
        "TasteEraserFunctionRights",
    }
)
ERASING = {
    f"dynamodb:{action}" for action in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
}

HOLDING_NOBODY = frozenset(
    {
        # Titles and TMDB's answers.
        *("TmdbRateTable", "MediaTable", "RefreshesTable", "TmdbAnswersTable"),
        *("LibraryTitlesTable", "RecommenderTitlesTable"),
        # Keyed hashes of whom attempts are counted, for hours.
        *("AuthAttemptsTable", "RoomsAttemptsTable"),
        # Events until they are published, and the ids of those that were handled, for days.
        *("AuthOutboxTable", "CatalogOutboxTable", "LibraryOutboxTable"),
        *("RecommenderOutboxTable", "RoomsOutboxTable", "CatalogIdempotencyTable"),
        *("LibraryIdempotencyTable", "RecommenderIdempotencyTable", "RoomsIdempotencyTable"),
    }
)
"""Tables that outlive no user: a new table is erased with its user, or stands here."""

KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
"""What becomes of data: it is kept, unless the deployment fails that creates its place."""

HOLDING_DATA = ("AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket")
"""Types that outlive their stack."""


def careless_tables(stacks: Stacks) -> list[str]:
    """Find tables that could be lost, by deletion, replacement or a bad write."""
    faults = []
    for name, table in stacks.tables.items():
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            faults.append(f"{name} cannot be taken back to a moment")
        if table.get("DeletionProtectionEnabled") != {"Fn::If": ["IsProd", True, False]}:
            faults.append(f"{name} is not protected against deletion in prod")
    return faults


def unerased_tables(stacks: Stacks) -> list[str]:
    """Find tables that may hold a user and that nothing erases when the account is deleted."""
    erased = {
        name
        for policy, statement in statements(stacks)
        if policy in ERASERS and ERASING & set(as_list(statement["Action"]))
        for resource in as_list(statement["Resource"])
        for name in logical_ids(resource)
    }
    faults = [
        f"{name} is erased by nobody" for name in stacks.tables.keys() - erased - HOLDING_NOBODY
    ]
    faults += [
        f"{name} is keyed by a user, and holds nobody"
        for name in stacks.tables.keys() & HOLDING_NOBODY
        if any("user" in it["AttributeName"].lower() for it in stacks.tables[name]["KeySchema"])
    ]
    return sorted(faults)


def unread_indexes(stacks: Stacks) -> list[str]:
    """Find indexes that every write pays for and no adapter of the service queries."""
    return [
        f"nobody queries {index['IndexName']} of {name}"
        for name, table in stacks.tables.items()
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for index in table.get(kind, ())
        if f'"{index["IndexName"]}"' not in _adapters(stacks.root, stacks.owners[name])
    ]


@cache
def _adapters(root: Path, service: str) -> str:
    folder = root / "services" / service / service / "adapters"
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))


def lost_data(stacks: Stacks) -> list[str]:
    """Find data that a deletion would take, and leftovers of a creation that fails."""
    return [
        f"{name} has no {policy}: {kept}"
        for kind in HOLDING_DATA
        for name in stacks.of_type(kind)
        for policy, kept in KEPT.items()
        if stacks.resources[name].get(policy) != kept
    ]


def metered_tables(stacks: Stacks) -> list[str]:
    """Find tables that do not grow with what is asked of them."""
    return [
        f"{name} is not paid for by the request"
        for name, table in stacks.tables.items()
        if table.get("BillingMode") != "PAY_PER_REQUEST"
    ]


def careless_logs(stacks: Stacks) -> list[str]:
    """Find functions without a log group of their own that forgets in time."""
    groups = stacks.of_type("AWS::Logs::LogGroup")
    faults = []
    used: dict[str, str] = {}
    for name, function in stacks.functions.items():
        group = target(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            faults.append(f"{name} logs to no group of this template")
        elif group in used:
            faults.append(f"{name} shares {group} with {used[group]}")
        used[group] = name
    faults += [f"{name} keeps logs for ever" for name, group in groups.items() if not _ends(group)]
    return faults


def _ends(group: object) -> bool:
    retention = group.get("RetentionInDays") if isinstance(group, dict) else None
    days = retention["Fn::If"][1:] if isinstance(retention, dict) else as_list(retention)
    return all(isinstance(number, int) and number > 0 for number in days)
