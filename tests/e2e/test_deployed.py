"""The running product has every resource, route, rule, queue and permission of its templates."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.deployed import CANNOT_HOLD, ONLY_ON_AWS, Deployed, actions, routes
from tests.template.stacks import as_list, target
from tools.ops.client import Stack


@pytest.fixture(scope="session")
def deployed(stack: Stack, aws: Callable[[str], Any]) -> Deployed:
    return Deployed(aws, stack)


def test_every_resource_exists_that_the_emulator_supports(
    deployed: Deployed,
) -> None:
    there = {plain(name) for name in deployed.physical}
    missing = {name for name in deployed.expected() if plain(name) not in there}

    assert missing == set()
    assert deployed.left_out() <= set(CANNOT_HOLD) | set(ONLY_ON_AWS)


def plain(name: str) -> str:
    """A logical id without the digest that SAM puts behind a layer's, by where its zip lies."""
    return re.sub(r"(Layer)[0-9a-f]{10}$", r"\1", name)


def test_unsupported_resource_types_are_still_unsupported(deployed: Deployed) -> None:
    """An exception that is no longer one goes from the list."""
    assert deployed.left_out() == set(CANNOT_HOLD) | set(ONLY_ON_AWS)


def test_every_route_exists_with_its_authorizer(deployed: Deployed, stack: Stack) -> None:
    gateway = deployed.aws("apigatewayv2")
    found = gateway.get_routes(ApiId=stack.outputs["HttpApiId"], MaxResults="1000")["Items"]

    there = {
        (route["RouteKey"], tuple(route.get("AuthorizationScopes", ())))
        for route in found
        if not route["RouteKey"].startswith("OPTIONS")
    }

    assert there == routes(deployed)
    assert all(
        ("JWT" in route.get("AuthorizationType", "")) == bool(route.get("AuthorizationScopes"))
        for route in found
    )


def test_every_rule_targets_its_queue_with_its_pattern(deployed: Deployed, stack: Stack) -> None:
    events = deployed.aws("events")
    bus = stack.outputs["EventBusName"]
    rules = dict(deployed.of_type("AWS::Events::Rule"))
    assert rules
    for name, rule in rules.items():
        physical = deployed.physical[name].rpartition("|")[2].rpartition("/")[2]
        there = events.describe_rule(Name=physical, EventBusName=bus)
        assert json.loads(there["EventPattern"]) == rule["EventPattern"], name
        targets = events.list_targets_by_rule(Rule=physical, EventBusName=bus)["Targets"]
        for wanted in rule["Targets"]:
            (found,) = [one for one in targets if one["Id"] == wanted["Id"]]
            assert found["Arn"] == deployed.queue(wanted["Arn"])["QueueArn"], name
            dead = deployed.queue(wanted["DeadLetterConfig"]["Arn"])["QueueArn"]
            assert found["DeadLetterConfig"]["Arn"] == dead, name


def test_every_queue_has_its_visibility_and_redrive_policy(deployed: Deployed) -> None:
    for name, queue in deployed.of_type("AWS::SQS::Queue"):
        there = deployed.queue({"Ref": name})
        assert int(there["VisibilityTimeout"]) == int(queue.get("VisibilityTimeout", 30)), name
        assert int(there["MessageRetentionPeriod"]) == queue["MessageRetentionPeriod"], name
        if "RedrivePolicy" not in queue:
            assert not json.loads(there.get("RedrivePolicy") or "{}"), name
            continue
        redrive = json.loads(there["RedrivePolicy"])
        assert int(redrive["maxReceiveCount"]) == queue["RedrivePolicy"]["maxReceiveCount"], name
        dead = deployed.queue(queue["RedrivePolicy"]["deadLetterTargetArn"])["QueueArn"]
        assert redrive["deadLetterTargetArn"] == dead, name


def test_every_queue_accepts_its_own_rule_only(deployed: Deployed) -> None:
    for name, policy in deployed.of_type("AWS::SQS::QueuePolicy"):
        for queue in policy["Queues"]:
            there = json.loads(deployed.queue(queue)["Policy"])
            wanted = policy["PolicyDocument"]["Statement"]
            assert actions(there) == actions({"Statement": wanted}), name
            conditions = [statement["Condition"] for statement in as_list(there["Statement"])]
            rules = [target(statement["Condition"]) for statement in wanted]
            for condition, rule in zip(conditions, rules, strict=True):
                assert deployed.physical[rule].rpartition("|")[2] in str(condition), name


def test_every_role_has_exactly_its_permissions(deployed: Deployed) -> None:
    iam = deployed.aws("iam")
    roles = dict(deployed.of_type("AWS::IAM::Role"))
    further = [
        (target(role), policy["PolicyDocument"])
        for _, policy in deployed.of_type("AWS::IAM::Policy")
        for role in policy["Roles"]
    ]
    assert len(roles) > len(deployed.written.functions)
    for name, role in roles.items():
        physical = deployed.physical[name]
        wanted = [actions(policy["PolicyDocument"]) for policy in role.get("Policies", ())]
        wanted += [actions(document) for owner, document in further if owner == name]
        there = [
            actions(iam.get_role_policy(RoleName=physical, PolicyName=policy)["PolicyDocument"])
            for policy in iam.list_role_policies(RoleName=physical)["PolicyNames"]
        ]
        assert set().union(*there) == set().union(*wanted), name


def test_every_event_source_invokes_its_function(deployed: Deployed) -> None:
    mappings = deployed.aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    wanted = dict(deployed.of_type("AWS::Lambda::EventSourceMapping"))
    assert wanted
    for name, source in wanted.items():
        function = deployed.physical[target(source["FunctionName"])]
        (there,) = [
            one
            for one in mappings
            if one["FunctionArn"].endswith(f":{function}")
            and deployed.physical[target(source["EventSourceArn"])].rpartition("/")[2]
            in one["EventSourceArn"]
        ]
        assert there["BatchSize"] == source["BatchSize"], name
        assert there.get("FunctionResponseTypes", []) == source.get("FunctionResponseTypes", [])
        assert there["State"] == "Enabled", name


def test_every_table_has_its_keys_indexes_stream_and_expiry(deployed: Deployed) -> None:
    dynamodb = deployed.aws("dynamodb")
    for name, table in deployed.of_type("AWS::DynamoDB::Table"):
        there = dynamodb.describe_table(TableName=deployed.physical[name])["Table"]
        assert there["KeySchema"] == table["KeySchema"], name
        indexes = {index["IndexName"] for index in there.get("GlobalSecondaryIndexes", ())}
        assert indexes == {i["IndexName"] for i in table.get("GlobalSecondaryIndexes", ())}, name
        streams = there.get("StreamSpecification", {}).get("StreamViewType")
        assert streams == table.get("StreamSpecification", {}).get("StreamViewType"), name
        expiry = dynamodb.describe_time_to_live(TableName=deployed.physical[name])
        attribute = expiry["TimeToLiveDescription"].get("AttributeName")
        assert attribute == table.get("TimeToLiveSpecification", {}).get("AttributeName"), name


def test_every_schedule_is_on(deployed: Deployed) -> None:
    scheduler = deployed.aws("scheduler")
    wanted = dict(deployed.of_type("AWS::Scheduler::Schedule"))
    assert wanted
    for name, schedule in wanted.items():
        there = scheduler.get_schedule(Name=deployed.physical[name].rpartition("/")[2])
        wanted_at = deployed.scope.resolve(schedule["ScheduleExpression"])
        assert there["ScheduleExpression"] == wanted_at, name
        state = deployed.scope.resolve(schedule.get("State", "ENABLED"))
        assert there["State"] == state, name
        function = deployed.physical[target(schedule["Target"]["Arn"])]
        assert there["Target"]["Arn"].endswith(f":{function}"), name


def test_the_pool_has_its_triggers_and_the_archive_exists(deployed: Deployed, stack: Stack) -> None:
    pool = deployed.aws("cognito-idp").describe_user_pool(UserPoolId=stack.user_pool_id)["UserPool"]
    ((_, written),) = deployed.of_type("AWS::Cognito::UserPool")

    assert set(pool["LambdaConfig"]) == set(deployed.scope.resolve(written["LambdaConfig"]))
    assert deployed.aws("events").list_archives()["Archives"]
