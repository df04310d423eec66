"""All stacks as one: what comes from another stack is what its output refers to."""

import pytest

from tools.local.template import TemplateError
from tools.templates import Product, Route, routes_of

ROOT = """
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Platform:
    Type: AWS::Serverless::Application
    Properties:
      Location: platform/template.yaml
  Rooms:
    Type: AWS::Serverless::Application
    Properties:
      Location: services/rooms/template.yaml
      Parameters:
        Stage: !Ref Stage
        BusName: !GetAtt Platform.Outputs.BusName
        BusArn: !GetAtt Platform.Outputs.BusArn
"""
PLATFORM = """
Resources:
  Bus: {Type: AWS::Events::EventBus}
Outputs:
  BusName: {Value: !Ref Bus}
  BusArn: {Value: !GetAtt Bus.Arn}
"""
ROOMS = """
Parameters:
  Stage: {Type: String}
  BusName: {Type: String}
  BusArn: {Type: String}
Mappings:
  Rules:
    Detector: {Source: matinee.rooms}
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: ../shared}
  RoomsFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: rooms
      Environment:
        Variables: {STAGE: !Ref Stage, BUS: !Ref BusName, RULES: !Sub '${BusArn}/${Stage}'}
  Fn::ForEach::Rules:
    - Rule
    - [Detector]
    - ${Rule}Rule:
        Type: AWS::Events::Rule
        Properties:
          EventBusName: !Ref BusName
          EventPattern: {source: [!FindInMap [Rules, !Ref Rule, Source]]}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {IntegrationUri: !Ref RoomsFunctionAliaslive}
  OpenRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      RouteKey: GET /rooms/{id}
      Target: !Join [/, [integrations, !Ref Integration]]
  GuardedRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      RouteKey: POST /rooms
      AuthorizationType: JWT
      AuthorizationScopes: [admin]
      Target: !Join [/, [integrations, !Ref Integration]]
"""
TEXTS = {
    "template.yaml": ROOT,
    "platform/template.yaml": PLATFORM,
    "services/rooms/template.yaml": ROOMS,
}


def test_a_wired_parameter_is_what_the_other_stack_s_output_refers_to() -> None:
    function = Product.of(TEXTS).template["Resources"]["RoomsFunction"]["Properties"]

    assert function["Environment"]["Variables"] == {
        "STAGE": {"Ref": "Stage"},
        "BUS": {"Ref": "Bus"},
        "RULES": {"Fn::Sub": "${Bus.Arn}/${Stage}"},
    }


def test_paths_are_relative_to_the_checkout() -> None:
    resources = Product.of(TEXTS).template["Resources"]

    assert resources["RoomsFunction"]["Properties"]["CodeUri"] == "services/rooms/rooms"
    assert resources["Layer"]["Properties"]["ContentUri"] == "services/shared"


def test_loops_are_expanded() -> None:
    rule = Product.of(TEXTS).template["Resources"]["DetectorRule"]["Properties"]

    assert rule == {"EventBusName": {"Ref": "Bus"}, "EventPattern": {"source": ["matinee.rooms"]}}


def test_the_stack_of_a_resource_is_known() -> None:
    product = Product.of(TEXTS)

    assert product.stack_of("DetectorRule").path == "services/rooms/template.yaml"
    with pytest.raises(LookupError):
        product.stack_of("Gone")


def test_an_output_that_is_not_there_is_an_error() -> None:
    broken = {**TEXTS, "template.yaml": ROOT.replace("Outputs.BusArn", "Outputs.Arn")}

    with pytest.raises(TemplateError, match="Platform has no output Arn"):
        Product.of(broken)


def test_two_resources_of_one_name_are_an_error() -> None:
    other = PLATFORM.replace("Resources:", "Resources:\n  Layer: {Type: AWS::SNS::Topic}")

    with pytest.raises(TemplateError, match="Layer is another one elsewhere"):
        _ = Product.of({**TEXTS, "platform/template.yaml": other}).template


def test_a_route_names_its_function_and_whether_it_is_public() -> None:
    assert list(routes_of(Product.of(TEXTS).template)) == [
        Route("GET /rooms/{id}", "RoomsFunction", is_public=True),
        Route("POST /rooms", "RoomsFunction", is_public=False, scopes=("admin",)),
    ]
    assert Route("GET /rooms/{id}", "RoomsFunction", is_public=True).path == "/rooms/{id}"
    assert Route("GET /rooms/{id}", "RoomsFunction", is_public=True).method == "GET"
