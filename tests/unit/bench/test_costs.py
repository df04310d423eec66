"""What it costs is computed from units, habits and prices, and from what the template has."""

import json

import pytest

from bench import prices
from bench.cost import Habits, of_a_month, of_a_vote, of_standing
from tools.contracts.paths import ROOT

UNITS = {"read_units": {"mean": 3.0}, "write_units": {"mean": 12.0}}


def test_a_vote_pays_for_its_units_in_dynamodb() -> None:
    vote = of_a_vote(UNITS)
    dearer = of_a_vote({**UNITS, "write_units": {"mean": 13.0}})

    assert dearer["DynamoDB"] - vote["DynamoDB"] == pytest.approx(prices.DYNAMODB_WRITE_UNIT)
    assert dearer["AppSync"] == vote["AppSync"]


def test_a_vote_is_one_event_in_one_queue() -> None:
    vote = of_a_vote(UNITS)

    assert vote["EventBridge"] == prices.EVENTBRIDGE_EVENT
    assert vote["SQS"] == pytest.approx(3 * prices.SQS_REQUEST)


def test_twice_the_votes_cost_more_for_votes_alone() -> None:
    vote = of_a_vote(UNITS)
    calm, eager = of_a_month(Habits(votes=12), vote), of_a_month(Habits(votes=24), vote)

    assert eager["EventBridge"] == pytest.approx(2 * calm["EventBridge"])
    assert eager["Cognito"] == calm["Cognito"] == prices.COGNITO_USER


def test_what_stands_is_counted_in_the_template() -> None:
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}}
    acl = {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{}, {}]}}

    standing = of_standing({"Resources": {"A": alarm, "B": alarm, "W": acl}})

    assert standing["alarms"] == pytest.approx(2 * prices.ALARM)
    assert standing["web ACL"] == pytest.approx(prices.WEB_ACL + 2 * prices.WEB_ACL_RULE)


def test_the_page_on_scaling_says_what_was_computed() -> None:
    results = json.loads((ROOT / "bench/results/cost.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")

    for figures in ("a_million_votes", "a_thousand_people", "standing"):
        assert f" {sum(results[figures].values()):.2f}" in page, figures
