"""On the laptop there are no versions and aliases: calls go to the functions themselves."""

from tools.local.template import parse_template
from tools.local.versions import without_versions

TEMPLATE = """
Globals:
  Function:
    Timeout: 10
    AutoPublishAlias: live
    AutoPublishAliasAllProperties: true
    DeploymentPreference: {Enabled: true}
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: mine
      Environment: {Variables: {OTHER: !Ref Other.Alias, TABLE: !Ref Table}}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, PublishLambdaVersion: true}
  Source:
    Type: AWS::AppSync::DataSource
    Properties: {LambdaConfig: {LambdaFunctionArn: !Ref Api.Alias}}
Outputs:
  Name: {Value: !Ref Api.Alias}
"""


def test_nothing_publishes_a_version() -> None:
    template = parse_template(TEMPLATE)

    without_versions(template)

    assert template["Globals"]["Function"] == {"Timeout": 10}
    assert "AutoPublishAlias" not in template["Resources"]["Api"]["Properties"]
    assert template["Resources"]["Layer"]["Properties"] == {"ContentUri": "layer"}


def test_whoever_called_an_alias_calls_the_function() -> None:
    template = parse_template(TEMPLATE)

    without_versions(template)

    api = {"Fn::GetAtt": ["Api", "Arn"]}
    source = template["Resources"]["Source"]["Properties"]["LambdaConfig"]
    assert source == {"LambdaFunctionArn": api}
    assert template["Outputs"]["Name"]["Value"] == api


def test_other_references_stay() -> None:
    template = parse_template(TEMPLATE)

    without_versions(template)

    variables = template["Resources"]["Api"]["Properties"]["Environment"]["Variables"]
    assert variables == {"OTHER": {"Fn::GetAtt": ["Other", "Arn"]}, "TABLE": {"Ref": "Table"}}
