"""What it costs: a million votes, and a thousand people in a month.

Units are measured where they can be: DynamoDB's by `python -m bench votes`, durations by
`python -m bench latency`. How people use the product is assumed, and stands in the table. Prices
are AWS's public ones (bench/prices.py).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import prices
from bench.report import Report, Settings
from tools.templates import load_product

RESULTS = Path(__file__).parent / "results"
ROOM = "6"
"""The size of the rooms that a vote's units are taken from."""

API_GIGABYTES, OTHER_GIGABYTES = 1.0, 0.5
API_SECONDS, DETECTOR_SECONDS, RELAY_SECONDS, NOTIFIER_SECONDS = 0.040, 0.025, 0.021, 0.150
"""Of `bench latency`: a vote's answer; the stages of detector and relay; a room's notification."""

LOG_BYTES = 1_500
"""Of one invocation: Lambda's three lines, our own, and the metrics."""

TRACED = 0.05
"""X-Ray's own sampling: one in twenty."""

SQS_PER_MESSAGE = 3
"""Sent, received, deleted."""

CARDS_PER_DECK = 3
SCALES = (1, 10, 100, 1000)


@dataclass(frozen=True, slots=True)
class Habits:
    """What one person does in a month."""

    evenings: int = 8
    votes: int = 12
    connected_minutes: int = 15
    rest_requests: int = 25
    people_in_room: int = 4
    matches: int = 1

    @property
    def votes_a_month(self) -> int:
        """All votes of a month."""
        return self.evenings * self.votes


def run(_: Settings, report: Report) -> None:
    """Compute and report."""
    habits = Habits()
    report.say(" ".join((__doc__ or "").split("\n\n", maxsplit=1)[1].split()))
    report.say(f"Prices as of {prices.AS_OF}, {prices.REGION}, no free tier but Cognito's.")
    vote = of_a_vote(_measured())
    _table(report, "A million votes, in a room of six", vote, prices.MILLION)
    report.heading("What is assumed of one person in a month")
    report.table(
        ("habit", "number"),
        [(name.replace("_", " "), getattr(habits, name)) for name in Habits.__dataclass_fields__],
    )
    month = of_a_month(habits, vote)
    _table(report, "A thousand active people, a month", month, 1000)
    fixed = of_standing(load_product())
    _table(report, "Whatever happens: a stack that stands for a month, in prod", fixed, 1)
    report.heading("Scale")
    rows = []
    for scale in SCALES:
        people = 1000 * scale
        used = sum(month.values()) * people
        free = min(people, prices.COGNITO_FREE_USERS) * prices.COGNITO_USER
        total = used + sum(fixed.values()) - free
        rows.append((f"{people:,}", f"{total:,.0f}", f"{total / people * 1000:,.2f}"))
    report.table(("people", "dollars a month", "a thousand people"), rows)
    report.headline("a million votes", sum(vote.values()) * prices.MILLION, "dollars")
    report.headline("a thousand people, a month", sum(month.values()) * 1000, "dollars")
    report.headline("a stack that stands, in prod, a month", sum(fixed.values()), "dollars")
    report.record("a_million_votes", {name: cost * prices.MILLION for name, cost in vote.items()})
    report.record("a_thousand_people", {name: cost * 1000 for name, cost in month.items()})
    report.record("standing", fixed)


def of_a_vote(units: Mapping[str, Any]) -> dict[str, float]:
    """Return what one vote costs, by service, with its share of the deck that dealt the film."""
    deck = 1 / CARDS_PER_DECK
    return {
        "DynamoDB": units["write_units"]["mean"] * prices.DYNAMODB_WRITE_UNIT
        + (units["read_units"]["mean"] + deck * 4) * prices.DYNAMODB_READ_UNIT,
        "AppSync": (1 + deck) * prices.APPSYNC_OPERATION,
        "Lambda": (3 + deck) * prices.LAMBDA_REQUEST
        + prices.LAMBDA_GIGABYTE_SECOND
        * (
            (1 + deck) * API_SECONDS * API_GIGABYTES
            + (DETECTOR_SECONDS + RELAY_SECONDS) * OTHER_GIGABYTES
        ),
        "EventBridge": prices.EVENTBRIDGE_EVENT,
        "SQS": SQS_PER_MESSAGE * prices.SQS_REQUEST,
        "CloudWatch Logs": (3 + deck) * LOG_BYTES / 1e9 * prices.LOGS_GIGABYTE,
        "X-Ray": TRACED * (3 + deck) * prices.XRAY_TRACE,
    }


def of_a_month(habits: Habits, vote: Mapping[str, float]) -> dict[str, float]:
    """Return what one person costs in a month, by service."""
    costs = {name: cost * habits.votes_a_month for name, cost in vote.items()}
    evenings, matches = habits.evenings, habits.evenings * habits.matches
    notified = matches  # each participant is notified, and has a share of the notifier
    rest = evenings * habits.rest_requests
    costs["AppSync"] += (
        notified * (prices.APPSYNC_OPERATION + prices.APPSYNC_UPDATE)
        + evenings * 4 * prices.APPSYNC_OPERATION  # a room, its list, a join, the matches
        + evenings * habits.connected_minutes * prices.APPSYNC_CONNECTION_MINUTE
    )
    costs["Lambda"] += notified / habits.people_in_room * (
        prices.LAMBDA_REQUEST + NOTIFIER_SECONDS * OTHER_GIGABYTES * prices.LAMBDA_GIGABYTE_SECOND
    ) + (rest + evenings * 4) * (
        prices.LAMBDA_REQUEST + API_SECONDS * API_GIGABYTES * prices.LAMBDA_GIGABYTE_SECOND
    )
    costs["DynamoDB"] += notified * (2 * prices.DYNAMODB_WRITE_UNIT + prices.DYNAMODB_READ_UNIT)
    costs["DynamoDB"] += rest * (prices.DYNAMODB_WRITE_UNIT + 2 * prices.DYNAMODB_READ_UNIT)
    costs["API Gateway"] = rest * prices.HTTP_API_REQUEST
    costs["CloudWatch Logs"] += (
        (rest + evenings * 4 + notified) * LOG_BYTES / 1e9 * prices.LOGS_GIGABYTE
    )
    costs["Cognito"] = prices.COGNITO_USER
    return costs


def of_standing(template: Mapping[str, Any]) -> dict[str, float]:
    """Return what a stack costs in a month in which nobody comes, by what the templates have."""
    resources = template["Resources"].values()
    kinds = Counter(resource["Type"] for resource in resources)
    rules = sum(
        len(r["Properties"]["Rules"]) for r in resources if r["Type"] == "AWS::WAFv2::WebACL"
    )
    business = {
        json.dumps(metric)
        for resource in resources
        if resource["Type"] == "AWS::CloudWatch::Dashboard"
        for metric in _matinee(resource["Properties"]["DashboardBody"]["Fn::Sub"])
    }
    return {
        "alarms": kinds["AWS::CloudWatch::Alarm"] * prices.ALARM,
        "dashboard": kinds["AWS::CloudWatch::Dashboard"] * prices.DASHBOARD,
        "business metrics": len(business) * prices.METRIC,
        "secrets": kinds["AWS::SecretsManager::Secret"] * prices.SECRET,
        "web ACL": kinds["AWS::WAFv2::WebACL"] * prices.WEB_ACL + rules * prices.WEB_ACL_RULE,
    }


def _matinee(body: str) -> list[str]:
    widgets = json.loads(body)["widgets"]
    return [
        str(metric[1])
        for widget in widgets
        if str(widget["properties"]["metrics"][0][0]).endswith("Metrics}")
        for metric in widget["properties"]["metrics"]
        if len(metric) > 1
    ]


def _table(report: Report, title: str, costs: Mapping[str, float], times: int) -> None:
    report.heading(title)
    rows = [
        (name, f"{cost * times:.2f}")
        for name, cost in sorted(costs.items(), key=lambda pair: -pair[1])
    ]
    rows.append(("together", f"{sum(costs.values()) * times:.2f}"))
    report.table(("for", "dollars"), rows)


def _measured() -> Mapping[str, Any]:
    votes = json.loads((RESULTS / "votes.json").read_text(encoding="utf-8"))
    units: Mapping[str, Any] = votes["by_users"][ROOM]
    return units
