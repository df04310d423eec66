"""The root template: which stacks there are, in which order, and what each of them is given."""

from pathlib import Path

import pytest

from tools.local.settings import CHECKOUT
from tools.local.template import TemplateError
from tools.local.wiring import Wiring

ROOT = """
Parameters:
  Stage: {Type: String, Default: dev}
  Key: {Type: String, NoEcho: true, Default: ''}
Resources:
  Edge:
    Type: AWS::Serverless::Application
    Properties:
      Location: edge/template.yaml
      Parameters:
        Logs: !Join [',', [!GetAtt Rooms.Outputs.Logs, !GetAtt Platform.Outputs.Logs]]
  Library: {Type: AWS::Serverless::Application, Properties: {Location: library/template.yaml}}
  Rooms:
    Type: AWS::Serverless::Application
    DependsOn: Library
    Properties:
      Location: rooms/template.yaml
      Parameters: {Stage: !Ref Stage, Key: !Ref Key, Bus: !GetAtt Platform.Outputs.Bus, Pages: 20}
  Platform: {Type: AWS::Serverless::Application, Properties: {Location: platform/template.yaml}}
Outputs:
  Bus: {Value: !GetAtt Platform.Outputs.Bus}
"""
OUTPUTS = {"Platform": {"Bus": "events", "Logs": "p"}, "Rooms": {"Logs": "r"}}


def wiring(folder: Path, text: str = ROOT) -> Wiring:
    root = folder / "template.yaml"
    root.write_text(text, encoding="utf-8")
    return Wiring.read(root)


def test_a_stack_comes_after_those_whose_outputs_it_takes(tmp_path: Path) -> None:
    order = [application.name for application in wiring(tmp_path).applications]

    assert set(order) == {"Edge", "Library", "Rooms", "Platform"}
    assert order.index("Platform") < order.index("Rooms") < order.index("Edge")
    assert order.index("Library") < order.index("Rooms")


def test_a_stack_is_called_by_its_service(tmp_path: Path) -> None:
    rooms = wiring(tmp_path).application("rooms")

    assert rooms.stack_name("matinee-dev") == "matinee-dev-rooms"
    assert rooms.template == tmp_path / "rooms" / "template.yaml"
    assert rooms.needs == {"Platform"}


def test_a_stack_is_given_parameters_of_the_root_and_outputs_of_others(tmp_path: Path) -> None:
    root = wiring(tmp_path)
    given = root.given({"Stage": "local", "Colour": "red"})

    assert given == {"Stage": "local", "Key": ""}
    assert root.parameters_of(root.application("rooms"), given, OUTPUTS) == {
        "Stage": "local",
        "Key": "",
        "Bus": "events",
        "Pages": "20",
    }
    edge = root.parameters_of(root.application("edge"), given, OUTPUTS)
    assert edge == {"Logs": "r,p"}
    assert root.outputs_of(given, OUTPUTS) == {"Bus": "events"}


def test_a_secret_that_is_not_given_stays_as_it_was(tmp_path: Path) -> None:
    root = wiring(tmp_path)
    rooms = root.application("rooms")

    without = root.given({}, secrets_too=False)
    assert "Key" not in root.parameters_of(rooms, without, OUTPUTS)
    given = root.given({"Key": "k"}, secrets_too=False)
    assert root.parameters_of(rooms, given, OUTPUTS)["Key"] == "k"


def test_an_output_that_is_not_there_is_named(tmp_path: Path) -> None:
    root = wiring(tmp_path)

    with pytest.raises(TemplateError, match=r"Rooms\.Bus needs the output Bus of Platform"):
        root.parameters_of(root.application("rooms"), root.given({}), {"Platform": {}})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Platform.Outputs.Bus, Pages", "Nowhere.Outputs.Bus, Pages", "refers to Nowhere"),
        ("DependsOn: Library", "DependsOn: Edge", "a cycle: .*Edge"),
        ("AWS::Serverless::Application", "AWS::CloudFormation::Stack", "nothing to deploy"),
        ("!Ref Stage", "!Ref AWS::Region", r"Rooms\.Stage cannot be evaluated"),
    ],
)
def test_a_root_that_cannot_be_followed_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in ROOT

    def follow() -> None:
        root = wiring(tmp_path, ROOT.replace(old, new))
        root.parameters_of(root.application("rooms"), root.given({}), OUTPUTS)

    with pytest.raises(TemplateError, match=message):
        follow()


def test_an_unknown_service_is_told_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="There are: .*rooms"):
        wiring(tmp_path).application("room")


def test_the_products_stacks_begin_with_the_platform_and_end_with_the_edge() -> None:
    names = [app.service for app in Wiring.read(CHECKOUT / "template.yaml").applications]

    assert names[0] == "platform"
    assert names[-1] == "edge"
    assert set(names) == {
        *("platform", "auth", "catalog", "library", "recommender", "rooms", "edge"),
    }
