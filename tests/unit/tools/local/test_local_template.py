"""Reading a template, and evaluating what it says in one deployment."""

from pathlib import Path

import pytest

from tools.local.intrinsics import Scope, UnresolvedError, effective_parameters
from tools.local.template import TemplateError, load_template, parse_template

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev}
  Origins: {Type: CommaDelimitedList, Default: 'https://a.example, https://b.example'}
Conditions:
  OnAws: !Equals [!Ref Stage, prod]
  Here: !Not [!Condition OnAws]
  Both: !And [!Condition Here, !Equals [a, a]]
  Either: !Or [!Condition OnAws, !Equals [a, b]]
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Signup: {Type: AWS::Lambda::Function}
  Archive: {Type: AWS::Events::Archive, Condition: OnAws}
"""


def scope(**parameters: str) -> Scope:
    template = parse_template(TEMPLATE)
    return Scope(
        template=template,
        parameters=effective_parameters(template, parameters),
        physical_ids={"Pool": "eu-west-1_abc", "Signup": "matinee-Signup-1"},
        region="eu-west-1",
        account="000000000000",
        stack_name="matinee",
    )


def test_short_forms_become_the_functions_that_they_stand_for() -> None:
    text = "Resources: {A: {P: [!Ref B, !GetAtt C.Arn.X, !Sub '${D}', !If [E, !Ref F, 1]]}}"
    assert parse_template(text)["Resources"]["A"]["P"] == [
        {"Ref": "B"},
        {"Fn::GetAtt": ["C", "Arn.X"]},
        {"Fn::Sub": "${D}"},
        {"Fn::If": ["E", {"Ref": "F"}, 1]},
    ]


def test_the_version_of_a_policy_stays_text_although_it_looks_like_a_date() -> None:
    assert parse_template("Resources: {A: {Version: 2012-10-17}}")["Resources"]["A"] == {
        "Version": "2012-10-17"
    }


def test_a_key_that_is_given_twice_is_refused_with_its_place() -> None:
    with pytest.raises(TemplateError, match=r"'Signup' is given twice(.|\n)*line 3"):
        parse_template("Resources:\n  Signup: {Type: A}\n  Signup: {Type: B}")


@pytest.mark.parametrize("text", ["Resources: [", "Outputs: {}", "just words", ""])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_template(text)


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"missing\.yaml cannot be read"):
        load_template(tmp_path / "missing.yaml")


def test_references_become_what_was_deployed() -> None:
    found = scope().resolve(
        {
            "pool": {"Ref": "Pool"},
            "region": {"Ref": "AWS::Region"},
            "arn": {"Fn::GetAtt": ["Signup", "Arn"]},
            "issuer": {
                "Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}/${!literal}"
            },
            "function": {"Fn::Sub": ["${Signup.Arn}:${V}", {"V": {"Ref": "Stage"}}]},
            "origins": {"Ref": "Origins"},
            "joined": {"Fn::Join": [",", {"Ref": "Origins"}]},
            "second": {"Fn::Select": [1, {"Ref": "Origins"}]},
        }
    )
    signup = "arn:aws:lambda:eu-west-1:000000000000:function:matinee-Signup-1"
    assert found == {
        "pool": "eu-west-1_abc",
        "region": "eu-west-1",
        "arn": signup,
        "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc/${literal}",
        "function": f"{signup}:dev",
        "origins": ["https://a.example", "https://b.example"],
        "joined": "https://a.example,https://b.example",
        "second": "https://b.example",
    }


def test_a_condition_decides_between_two_values() -> None:
    choice = {"Fn::If": ["OnAws", "aws", "laptop"]}
    assert scope(Stage="prod").resolve(choice) == "aws"
    assert scope(Stage="local").resolve(choice) == "laptop"


def test_conditions_are_built_from_one_another() -> None:
    here = scope(Stage="local")
    held = {name for name in ("OnAws", "Here", "Both", "Either") if here.holds(name)}
    assert held == {"Here", "Both"}


def test_no_value_leaves_its_member_out() -> None:
    nothing = {"Fn::If": ["OnAws", 1, {"Ref": "AWS::NoValue"}]}
    assert scope().resolve({"a": nothing, "b": [nothing, 2]}) == {"b": [2]}
    assert scope().resolve(nothing) is None


def test_a_resource_exists_only_when_its_condition_holds() -> None:
    assert scope(Stage="prod").exists("Archive")
    assert not scope(Stage="local").exists("Archive")
    assert scope().exists("Pool")
    assert not scope().exists("Unheard")


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Unheard"},
        {"Fn::GetAtt": ["Pool", "ProviderName"]},
        {"Fn::GetAtt": ["Unheard", "Arn"]},
        {"Fn::ImportValue": "x"},
        {"Fn::If": ["Unheard", 1, 2]},
    ],
)
def test_what_cannot_be_evaluated_is_refused_instead_of_guessed(value: object) -> None:
    with pytest.raises(UnresolvedError):
        scope().resolve(value)


def test_parameters_that_the_template_does_not_have_are_left_out() -> None:
    template = parse_template(TEMPLATE)
    assert effective_parameters(template, {"Stage": "local", "Colour": "red"})["Stage"] == "local"
    assert "Colour" not in effective_parameters(template, {"Colour": "red"})
