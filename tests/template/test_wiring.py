"""Seven stacks make one product, in any number of environments."""

import pytest

from tests.template import wiring
from tests.template.stacks import Finding, Stacks
from tools.templates import ROOT_TEMPLATE, applications, expanded


@pytest.mark.parametrize(
    "rule",
    [
        wiring.colliding_names,
        wiring.repeated_ids,
        wiring.miswired,
        wiring.cycles,
        wiring.policies_at_once,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_stacks_fit_together(rule: Finding, stacks: Stacks) -> None:
    assert rule(stacks) == []


def test_gradual_deployments_share_no_name_either(stacks: Stacks) -> None:
    gradual = stacks.without("Enabled: !Ref GradualDeployments", "Enabled: true")

    assert any(
        resource["Type"] == "AWS::CodeDeploy::DeploymentGroup"
        for resources in gradual.transformed.values()
        for resource in resources.values()
    )
    assert wiring.colliding_names(gradual) == []


def test_the_root_wires_applications_and_nothing_else(stacks: Stacks) -> None:
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)

    assert applications(root).keys() == root["Resources"].keys()
    assert root.keys() == {
        "AWSTemplateFormatVersion",
        "Transform",
        "Description",
        "Parameters",
        "Resources",
        "Outputs",
    }


def test_the_root_lists_the_stacks_in_their_order(stacks: Stacks) -> None:
    names = [stack.name for stack in stacks.product.stacks]

    assert names == ["Platform", "Auth", "Catalog", "Library", "Recommender", "Rooms", "Edge"]
    assert sorted(wiring.order(stacks), key=names.index) == names
    assert wiring.order(stacks)[0] == "Platform"
    assert wiring.order(stacks)[-1] == "Edge"


def test_every_parameter_of_the_root_is_passed_on(stacks: Stacks) -> None:
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)
    passed = {
        value["Ref"]
        for properties in applications(root).values()
        for value in properties["Parameters"].values()
        if "Ref" in value
    }

    assert passed == root["Parameters"].keys()


def test_defaults_are_the_root_s_where_a_stack_has_some(stacks: Stacks) -> None:
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)
    for stack in stacks.product.stacks:
        for name, parameter in stack.template["Parameters"].items():
            if "Default" in parameter and name != "AllowedOrigins":
                assert parameter["Default"] == root["Parameters"][name]["Default"], (stack, name)
            if name in root["Parameters"]:
                hidden = root["Parameters"][name].get("NoEcho")
                assert parameter.get("NoEcho") == hidden, (stack, name)


FAULTS: list[tuple[Finding, str, str, str]] = [
    (
        wiring.colliding_names,
        "UserPoolName: !Sub ${AWS::StackName}-users",
        "UserPoolName: users",
        "auth: UserPool is called users in every environment",
    ),
    (
        wiring.colliding_names,
        "      LayerName: !Sub ${AWS::StackName}-shared\n",
        "",
        "is called SharedLayer in every environment",
    ),
    (
        wiring.colliding_names,
        "            OmitName: true # Else it is the logical id, without the stack's name.\n",
        "",
        "rooms: RoomsRelayFunctionSweep is called RoomsRelayFunctionSweep",
    ),
    (
        wiring.colliding_names,
        "StatementId: !Sub ${AWS::StackName}-only-publisher",
        "StatementId: only-publisher",
        "rooms: RoomsEventBusPolicy is called only-publisher",
    ),
    (
        wiring.colliding_names,
        "DashboardName: !Ref AWS::StackName",
        "DashboardName: matinee",
        "edge: Dashboard is called matinee",
    ),
    (
        wiring.colliding_names,
        "/aws/lambda/${AWS::StackName}-${Function}",
        "/aws/lambda/${Function}",
        "rooms: NotifierFunctionLogs is called",
    ),
    (
        wiring.colliding_names,
        "  RoomsApiInvokeRole:\n    Type: AWS::IAM::Role\n    Properties:\n",
        "  RoomsApiInvokeRole:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: i\n",
        "rooms: RoomsApiInvokeRole is called i",
    ),
    (
        wiring.colliding_names,
        "RegistryName: !Sub ${AWS::StackName}-events",
        "RegistryName: events",
        "platform: Registry is called events",
    ),
    (
        wiring.colliding_names,
        "LayerName: !Sub ${AWS::StackName}-training",
        "LayerName: !Sub ${AWS::StackName}-shared",
        "are called",
    ),
    (
        wiring.repeated_ids,
        "  CatalogUnexpectedErrorsAlarm: #",
        "  AuthUnexpectedErrorsAlarm: #",
        "AuthUnexpectedErrorsAlarm",
    ),
    (
        wiring.miswired,
        "        TrainerMemory: !Ref TrainerMemory\n",
        "        TrainerMemory: !Ref TrainerMemory\n        TrainerTimeout: !Ref TrainerMemory\n",
        "Recommender has no parameter TrainerTimeout",
    ),
    (
        wiring.miswired,
        "        GraphqlApiId: !GetAtt Rooms.Outputs.GraphqlApiId\n",
        "",
        "Edge is not given GraphqlApiId",
    ),
    (
        wiring.miswired,
        "!GetAtt Rooms.Outputs.GraphqlApiId",
        "!GetAtt Rooms.Outputs.GraphqlId",
        "Edge.GraphqlApiId: Rooms has no output GraphqlId",
    ),
    (
        wiring.miswired,
        "!GetAtt Rooms.Outputs.GraphqlApiId",
        "!GetAtt Rooms.Outputs.RealtimeUrl",
        "Edge.GraphqlApiId: Rooms has the output RealtimeUrl at times only",
    ),
    (
        wiring.miswired,
        "        TrainerMemory: !Ref TrainerMemory\n",
        "        TrainerMemory: !Ref AWS::Region\n",
        "is neither a parameter of the root nor an output",
    ),
    (
        wiring.miswired,
        "      MemorySize: !Ref TrainerMemory",
        "      MemorySize: 3008",
        "Recommender does not use TrainerMemory",
    ),
    (
        wiring.cycles,
        "        AutoConfirm: !Ref AutoConfirm\n",
        "        AutoConfirm: !GetAtt Rooms.Outputs.GraphqlUrl\n",
        "Auth",
    ),
    (
        wiring.policies_at_once,
        "        RoomsExportFunctionArn: !GetAtt Rooms.Outputs.RoomsExportFunctionArn\n",
        "        RoomsExportFunctionArn: none\n",
        "LibraryEventBusPolicy and RoomsEventBusPolicy may be changed at once",
    ),
    (
        wiring.policies_at_once,
        "    DependsOn: SubscribersCreateRules #",
        "    #",
        "SubscribersCreateRules and SubscribersManageRules may be changed at once",
    ),
]


@pytest.mark.parametrize(
    "fault",
    FAULTS,
    ids=[f"{finding.__name__}-{number}" for number, (finding, *_) in enumerate(FAULTS)],
)
def test_each_of_these_rules_can_be_broken(
    fault: tuple[Finding, str, str, str], stacks: Stacks
) -> None:
    finding, old, new, reason = fault

    broken = stacks.without(old, new)

    assert any(reason in found for found in finding(broken)), finding(broken)
