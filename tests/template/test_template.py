"""template.yaml keeps the rules of this house."""

import tomllib
from typing import Any

import pytest
from graphql import build_schema, get_named_type

from rooms.api.resolvers import RESOLVERS
from tests.template import environment, keeping, queues, resolvers, rights
from tests.template.stacks import SERVICES, Finding, Stacks, logical_ids
from tools.contracts.paths import ROOT


def test_consumer_queues_redrive_after_five_attempts(
    stacks: Stacks,
) -> None:
    assert queues.consumer_queues(stacks)
    assert queues.without_redrive(stacks) == []


def test_rules_have_a_delivery_dead_letter_queue_of_their_own(
    stacks: Stacks,
) -> None:
    assert queues.without_delivery_dlq(stacks) == []


def test_dead_letter_queues_keep_messages_for_14_days(stacks: Stacks) -> None:
    assert len(queues.dead_letter_queues(stacks)) >= 5
    assert queues.short_lived_dead_letters(stacks) == []


def test_dead_letter_queues_alarm_at_the_first_message(stacks: Stacks) -> None:
    assert queues.unalarmed_dead_letters(stacks) == []


def test_visibility_is_six_times_the_function_s_timeout(stacks: Stacks) -> None:
    assert queues.impatient_queues(stacks) == []


def test_every_queue_is_encrypted(stacks: Stacks) -> None:
    assert queues.plain_text_queues(stacks) == []


def test_no_rule_targets_a_function(stacks: Stacks) -> None:
    assert queues.rules_straight_to_functions(stacks) == []


def test_only_the_own_rule_sends_to_a_consumer_s_queue(stacks: Stacks) -> None:
    assert queues.open_queues(stacks) == []


def test_streams_isolate_and_keep_bad_records(stacks: Stacks) -> None:
    assert list(stacks.sources("DynamoDB"))
    assert queues.careless_streams(stacks) == []


def test_pollers_fail_single_messages_and_are_bounded(stacks: Stacks) -> None:
    assert queues.careless_pollers(stacks) == []


def test_no_policy_has_a_wildcard(stacks: Stacks) -> None:
    assert len(list(rights.statements(stacks))) > len(list(rights.function_statements(stacks)))
    assert rights.starred(stacks) == []


def test_no_role_has_a_policy_of_aws(stacks: Stacks) -> None:
    assert rights.managed_policies(stacks) == []


def test_every_function_has_a_role_of_its_own(stacks: Stacks) -> None:
    assert rights.foreign_roles(stacks) == []
    assert rights.unnamed_statements(stacks) == []


def test_functions_read_their_own_queues_and_streams_only(stacks: Stacks) -> None:
    assert rights.wrong_pollers(stacks) == []


def test_functions_send_to_the_queues_that_they_are_given(stacks: Stacks) -> None:
    assert rights.wrong_senders(stacks) == []


def test_roles_write_to_their_own_logs_and_create_none(stacks: Stacks) -> None:
    assert rights.wrong_loggers(stacks) == []


def test_functions_publish_with_their_own_source_only(stacks: Stacks) -> None:
    assert rights.publishers_in_another_name(stacks) == []


def test_no_function_accesses_another_service_s_resources(stacks: Stacks) -> None:
    assert rights.intruders(stacks) == []


def test_every_function_is_in_its_service_s_stack(stacks: Stacks) -> None:
    assert rights.misplaced_functions(stacks) == []


def test_tables_have_recovery_retention_and_protection(stacks: Stacks) -> None:
    assert keeping.careless_tables(stacks) == []
    assert keeping.lost_data(stacks) == []
    assert stacks.template["Conditions"]["IsProd"] == {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


def test_every_table_that_holds_users_has_an_eraser(stacks: Stacks) -> None:
    assert keeping.unerased_tables(stacks) == []
    assert stacks.tables.keys() >= keeping.HOLDING_NOBODY


def test_tables_are_billed_per_request(stacks: Stacks) -> None:
    assert keeping.metered_tables(stacks) == []


def test_every_index_is_queried(stacks: Stacks) -> None:
    assert keeping.unread_indexes(stacks) == []


def test_functions_have_log_groups_with_retention(stacks: Stacks) -> None:
    assert keeping.careless_logs(stacks) == []


def test_every_graphql_field_has_exactly_one_resolver(
    stacks: Stacks,
) -> None:
    assert resolvers.unresolved(stacks) == []


def test_resolvers_have_code_and_depend_on_the_schema(stacks: Stacks) -> None:
    assert resolvers.broken_resolvers(stacks) == []


def test_the_function_resolves_exactly_the_api_s_fields(stacks: Stacks) -> None:
    assert resolvers.answered_by_function(stacks, "RoomsApiFunction") == set(RESOLVERS)


def test_fields_are_for_those_that_their_resolvers_let_in(stacks: Stacks) -> None:
    assert resolvers.open_fields(resolvers.fields(resolvers.schema_of(stacks))) == []


def test_what_services_publish_is_readable_by_iam_however_deep(stacks: Stacks) -> None:
    assert resolvers.closed_to_iam(resolvers.schema_of(stacks)) == []


def test_what_services_publish_is_readable_by_users(stacks: Stacks) -> None:
    schema = resolvers.schema_of(stacks)
    assert schema.subscription_type
    for field in schema.subscription_type.fields.values():
        kind = get_named_type(field.type).ast_node
        names = {directive.name.value for directive in (kind and kind.directives) or ()}
        assert names == {"aws_iam", "aws_cognito_user_pools"}, kind


def test_users_subscribe_to_their_own_matches_only(stacks: Stacks) -> None:
    assert resolvers.unguarded_subscriptions(stacks) == []


def test_graphql_authenticates_users_and_iam_roles(stacks: Stacks) -> None:
    (api,) = stacks.of_type("AWS::AppSync::GraphQLApi").values()

    assert api["AuthenticationType"] == "AMAZON_COGNITO_USER_POOLS"
    assert api["AdditionalAuthenticationProviders"] == [{"AuthenticationType": "AWS_IAM"}]


def test_the_settings_of_every_function_are_found() -> None:
    assert [kind.__name__ for kind in environment.settings_of("rooms.handlers.api.handler")] == [
        "ApiSettings"
    ]
    assert environment.settings_of("auth.handlers.signup.handler")
    assert environment.settings_of("catalog.handlers.discover.handler")


def test_every_function_is_given_the_variables_that_it_needs(stacks: Stacks) -> None:
    assert environment.missing_variables(stacks) == []


def test_no_function_is_given_a_variable_that_nobody_reads(stacks: Stacks) -> None:
    assert environment.unread_variables(stacks) == []


def test_every_handler_is_where_the_template_says(stacks: Stacks) -> None:
    assert environment.broken_handlers(stacks) == []


def test_every_consumer_reads_the_contracts_declared_for_it(stacks: Stacks) -> None:
    assert environment.wrong_consumers(stacks) == []


CONFIGURATIONS = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["default", "local", "dev", "prod"])
def test_samconfig_gives_known_parameters_allowed_values(name: str, stacks: Stacks) -> None:
    declared = stacks.template["Parameters"]
    given = overrides(CONFIGURATIONS[name]["deploy"]["parameters"])

    assert given
    for parameter, value in given.items():
        assert parameter in declared
        assert value in declared[parameter].get("AllowedValues", [value])


def overrides(parameters: dict[str, Any]) -> dict[str, str]:
    """Return the template's parameters that a configuration gives."""
    pairs = (pair.partition("=") for pair in parameters["parameter_overrides"])
    return {name: value for name, _, value in pairs}


def test_a_bare_sam_deploy_makes_a_dev_environment_of_its_own_on_aws() -> None:
    bare, dev = (CONFIGURATIONS[name]["deploy"]["parameters"] for name in ("default", "dev"))

    assert overrides(bare) == overrides(dev)
    assert CONFIGURATIONS["default"]["global"]["parameters"]["stack_name"] != dev["stack_name"]


def test_prod_is_deployed_as_prod() -> None:
    given = overrides(CONFIGURATIONS["prod"]["deploy"]["parameters"])

    assert given["Stage"] == "prod"
    assert given.get("Emulator", "false") == "false"


def test_every_secret_parameter_is_hidden_and_all_have_defaults(stacks: Stacks) -> None:
    parameters = stacks.template["Parameters"]

    hidden = {name for name, what in parameters.items() if what.get("NoEcho") is True}
    assert hidden == {"TmdbApiKey", "GoogleClientSecret", "VapidPrivateKey"}
    assert all("Default" in what for what in parameters.values())


def test_catalog_without_a_tmdb_key_is_rejected(
    stacks: Stacks,
) -> None:
    rules = stacks.product.stack_of("TmdbSecret").template["Rules"]
    (assertion,) = rules["TmdbKeyIsGiven"]["Assertions"]

    assert logical_ids(assertion["Assert"]) == {"TmdbApiKey", "TmdbKeyReference"}


def test_allowed_origins_are_our_own_and_localhost(stacks: Stacks) -> None:
    origins = stacks.template["Parameters"]["AllowedOrigins"]["Default"].split(",")

    assert origins == [
        "https://movierec.net",
        "https://www.movierec.net",
        *(
            f"http://{host}:{port}"
            for host in ("localhost", "127.0.0.1")
            for port in (3000, 5173, 8080)
        ),
    ]


def test_outputs_name_what_clients_and_operators_need(stacks: Stacks) -> None:
    assert stacks.template["Outputs"].keys() >= {
        "HttpApiUrl",
        "HttpApiId",
        "GraphqlUrl",
        "RealtimeUrl",
        "UserPoolId",
        "UserPoolClientId",
        "EventBusName",
        "EventBusArn",
        *(f"{table}Name" for table in stacks.tables),
    }


def test_the_sections_of_every_template_stand_in_their_order(stacks: Stacks) -> None:
    sections = ("Parameters:", "Rules:", "Conditions:", "Mappings:", "Globals:", "Resources:")
    for path, text in stacks.texts.items():
        places = [text.index(f"\n{each}") for each in sections if f"\n{each}" in text]

        assert places == sorted(places), path
        assert text.index("\nOutputs:") > places[-1], path


def test_every_service_has_a_stack_and_shares_it_with_none(stacks: Stacks) -> None:
    names = [stack.name.lower() for stack in stacks.product.stacks]

    assert names[0] == "platform"
    assert names[-1] == "edge"
    assert set(names[1:-1]) == {stacks.service(name) for name in stacks.functions} == set(SERVICES)


def test_alarms_cover_every_function_and_queue_age(stacks: Stacks) -> None:
    alarms = stacks.of_type("AWS::CloudWatch::Alarm").values()
    watched = {
        (alarm["MetricName"], str(dimension["Value"]))
        for alarm in alarms
        for dimension in alarm.get("Dimensions", ())
    }

    for function in stacks.functions:
        assert ("Errors", str({"Ref": function})) in watched
    for queue in queues.consumer_queues(stacks):
        age = ("ApproximateAgeOfOldestMessage", str({"Fn::GetAtt": [queue, "QueueName"]}))
        assert age in watched


FIELD_NAME = "FieldName: !FindInMap [Fields, !Ref Field, Name]"

FAULTS: list[tuple[Finding, str, str, str, str]] = [
    (queues.without_redrive, "NotifierQueue", "maxReceiveCount: 6", "maxReceiveCount: 1", "gives"),
    (
        queues.without_redrive,
        "NotifierQueue",
        "!GetAtt [!Sub '${Consumer}Dlq', Arn]",
        "'x'",
        "no dead-letter",
    ),
    (
        queues.without_delivery_dlq,
        "NotifierRule",
        "          DeadLetterConfig: {Arn: !GetAtt NotifierDeliveryDlq.Arn}\n",
        "",
        "NotifierRule has no dead-letter queue",
    ),
    (
        queues.without_delivery_dlq,
        "NotifierRule",
        "NotifierDeliveryDlq.Arn",
        "NotifierDlq.Arn",
        "NotifierRule shares NotifierDlq",
    ),
    (
        queues.short_lived_dead_letters,
        "NotifierDlq",
        "MessageRetentionPeriod: 1209600",
        "MessageRetentionPeriod: 345600",
        "NotifierDlq keeps",
    ),
    (
        queues.unalarmed_dead_letters,
        "NotifierDlqAlarm",
        "Threshold: 0",
        "Threshold: 9",
        "NotifierDlq",
    ),
    (
        queues.unalarmed_dead_letters,
        "NotifierDlqAlarm",
        "[!Ref AlarmTopicArn]",
        "[]",
        "NotifierDlq has no alarm",
    ),
    (
        queues.unalarmed_dead_letters,
        "RoomsRelayDlqAlarm",
        "ApproximateNumberOfMessagesVisible",
        "NumberOfMessagesSent",
        "RoomsRelayDlq has no alarm",
    ),
    (
        queues.impatient_queues,
        "MatchDetectorQueue",
        "!FindInMap [Consumers, !Ref Consumer, Visibility]",
        "30",
        "MatchDetectorQueue shows a message again after 30 s",
    ),
    (
        queues.plain_text_queues,
        "NotifierQueue",
        "SqsManagedSseEnabled: true",
        "SqsManagedSseEnabled: false",
        "NotifierQueue is not encrypted",
    ),
    (
        queues.rules_straight_to_functions,
        "NotifierRule",
        "Arn: !GetAtt NotifierQueue.Arn",
        "Arn: !GetAtt NotifierFunction.Arn",
        "NotifierRule targets NotifierFunction",
    ),
    (
        queues.rules_straight_to_functions,
        "NotifierFunction",
        "          Type: SQS\n",
        "          Type: EventBridgeRule\n",
        "NotifierFunction is a rule's own target",
    ),
    (
        queues.open_queues,
        "NotifierQueuePolicy",
        "!Sub '${Consumer}Rule'",
        "MatchDetectorRule",
        "NotifierRule is not who may write into NotifierQueue",
    ),
    (
        queues.careless_streams,
        "RoomsRelayFunction",
        "BisectBatchOnFunctionError: true",
        "BisectBatchOnFunctionError: false",
        "does not part",
    ),
    (
        queues.careless_streams,
        "RoomsRelayFunction",
        "              OnFailure: {Type: SQS, Destination: !GetAtt RoomsRelayDlq.Arn}\n",
        "              OnFailure: {}\n",
        "loses the records",
    ),
    (
        queues.careless_streams,
        "RoomsRelayFunction",
        "            MaximumRetryAttempts: 10\n",
        "",
        "retries for ever",
    ),
    (
        queues.careless_pollers,
        "NotifierFunction",
        "            FunctionResponseTypes: [ReportBatchItemFailures]\n",
        "",
        "fails a whole batch",
    ),
    (
        queues.careless_pollers,
        "NotifierFunction",
        "          QUEUE_URL: !Ref NotifierQueue\n",
        "          QUEUE_URL: !Ref MatchDetectorQueue\n",
        "NotifierFunction cannot have a failed message tried again soon",
    ),
    (
        queues.careless_pollers,
        "NotifierFunction",
        "            ScalingConfig: {MaximumConcurrency: 5}\n",
        "",
        "no bound",
    ),
    (rights.starred, "NotifierFunctionRights", "sqs:SendMessage", "sqs:*", "allows sqs:*"),
    (
        rights.starred,
        "NotifierFunctionRights",
        "Resource: !GetAtt NotifierDlq.Arn",
        "Resource: '*'",
        "on *",
    ),
    (
        rights.starred,
        "NotifierFunctionRights",
        "Resource: !GetAtt NotifierDlq.Arn",
        "Resource: !Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:*'",
        "NotifierFunctionRights allows",
    ),
    (
        rights.publishers_in_another_name,
        "RoomsRelayFunctionRights",
        "events:source: matinee.rooms",
        "events:source: matinee.library",
        "RoomsRelayFunction may publish",
    ),
    (
        rights.publishers_in_another_name,
        "RoomsRelayFunctionRights",
        "            Condition:\n              StringEquals: {events:source: matinee.rooms}\n",
        "",
        "RoomsRelayFunction may publish",
    ),
    (
        rights.intruders,
        "DiscoverFunctionRights",
        "Resource: !GetAtt TmdbRateTable.Arn",
        "Resource: [!GetAtt TmdbRateTable.Arn, !GetAtt RoomsTable.Arn]",
        "DiscoverFunction may touch RoomsTable of rooms",
    ),
    (
        rights.intruders,
        "DiscoverFunctionRights",
        "Resource: !GetAtt TmdbRateTable.Arn",
        "Resource: !Sub '${VotesTable.Arn}/index/member-index'",
        "DiscoverFunction may touch VotesTable of rooms",
    ),
    (
        rights.intruders,
        "DiscoverFunction",
        "RATE_TABLE: !Ref TmdbRateTable",
        "RATE_TABLE: !Ref UserProfilesTable",
        "DiscoverFunction is given UserProfilesTable of auth",
    ),
    (
        rights.misplaced_functions,
        "NotifierFunction",
        "Handler: rooms.",
        "Handler: auth.",
        "NotifierFunction is code of auth",
    ),
    (
        rights.unnamed_statements,
        "NotifierFunctionRights",
        "{Sid: SendToDlq, Effect",
        "{Effect",
        "NotifierFunction has a statement without a Sid",
    ),
    (
        rights.managed_policies,
        "NotifierFunctionRole",
        "          Policies:\n",
        "          ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonSQSFullAccess]\n"
        "          Policies:\n",
        "NotifierFunctionRole has arn:aws:iam::aws:policy/AmazonSQSFullAccess",
    ),
    (
        rights.foreign_roles,
        "NotifierFunction",
        "!GetAtt NotifierFunctionRole.Arn",
        "!GetAtt EraserFunctionRole.Arn",
        "NotifierFunction has no role of its own",
    ),
    (
        rights.foreign_roles,
        "NotifierFunction",
        "      Role:",
        "      Policies: [AmazonSQSFullAccess]\n      Role:",
        "NotifierFunction has policies that SAM ignores",
    ),
    (
        rights.wrong_pollers,
        "NotifierFunctionRights",
        "!GetAtt NotifierQueue.Arn",
        "[!GetAtt NotifierQueue.Arn, !GetAtt MatchDetectorQueue.Arn]",
        "NotifierFunction may do sqs:ReceiveMessage",
    ),
    (
        rights.wrong_pollers,
        "NotifierFunctionRights",
        "sqs:DeleteMessage, ",
        "",
        "NotifierFunction may do sqs:DeleteMessage with []",
    ),
    (
        rights.wrong_pollers,
        "RoomsRelayFunctionRights",
        "!GetAtt RoomsOutboxTable.StreamArn",
        "!GetAtt RoomsOutboxTable.Arn",
        "RoomsRelayFunction may do dynamodb:GetRecords",
    ),
    (
        rights.wrong_pollers,
        "NotifierFunction",
        "    DependsOn: NotifierFunctionRights\n",
        "",
        "NotifierFunction is made before it may read",
    ),
    (
        rights.wrong_senders,
        "NotifierFunctionRights",
        "!GetAtt NotifierDlq.Arn",
        "!GetAtt MatchDetectorDlq.Arn",
        "may send to ['MatchDetectorDlq'], and is given ['NotifierDlq', 'NotifierQueue']",
    ),
    (
        rights.wrong_loggers,
        "NotifierFunctionRole",
        "[logs:CreateLogStream",
        "[logs:CreateLogGroup, logs:CreateLogStream",
        "NotifierFunctionRole may create log groups",
    ),
    (
        rights.wrong_loggers,
        "NotifierFunctionRole",
        "!GetAtt [!Sub '${Function}Logs', Arn]",
        "!GetAtt EraserFunctionLogs.Arn",
        "NotifierFunction may not do logs:PutLogEvents",
    ),
    (
        keeping.unerased_tables,
        "LibraryEraserFunctionRights",
        "!GetAtt SeenTitlesTable.Arn, ",
        "",
        "SeenTitlesTable is erased by nobody",
    ),
    (
        keeping.unerased_tables,
        "LibraryTitlesTable",
        "KeySchema: [{AttributeName: titleKey,",
        "KeySchema: [{AttributeName: userId,",
        "LibraryTitlesTable is keyed by a user",
    ),
    (
        keeping.careless_tables,
        "VotesTable",
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false",
        "VotesTable cannot be taken back",
    ),
    (
        keeping.careless_tables,
        "VotesTable",
        "!If [IsProd, true, false]",
        "false",
        "VotesTable is not protected",
    ),
    (
        keeping.lost_data,
        "UserPool",
        "DeletionPolicy: RetainExceptOnCreate",
        "DeletionPolicy: Retain",
        "UserPool has no DeletionPolicy: RetainExceptOnCreate",
    ),
    (
        keeping.lost_data,
        "ModelBucket",
        "    DeletionPolicy: RetainExceptOnCreate\n",
        "",
        "ModelBucket has no DeletionPolicy",
    ),
    (
        keeping.lost_data,
        "VotesTable",
        "    UpdateReplacePolicy: Retain\n",
        "",
        "VotesTable has no UpdateReplacePolicy",
    ),
    (
        keeping.unread_indexes,
        "VotesTable",
        "IndexName: member-index",
        "IndexName: genre-index",
        "nobody queries genre-index of VotesTable",
    ),
    (
        keeping.metered_tables,
        "VotesTable",
        "BillingMode: PAY_PER_REQUEST",
        "BillingMode: PROVISIONED",
        "VotesTable is not paid for",
    ),
    (
        keeping.careless_logs,
        "NotifierFunction",
        "!Ref NotifierFunctionLogs",
        "!Ref RoomsRelayFunctionLogs",
        "shares RoomsRelayFunctionLogs",
    ),
    (
        keeping.careless_logs,
        "NotifierFunction",
        "      LoggingConfig: {LogGroup: !Ref NotifierFunctionLogs}\n",
        "",
        "NotifierFunction logs to no group",
    ),
    (
        keeping.careless_logs,
        "NotifierFunctionLogs",
        "RetentionInDays: !If [IsProd, 90, 14]",
        "LogGroupClass: STANDARD",
        "NotifierFunctionLogs keeps logs for ever",
    ),
    (resolvers.unresolved, "DeckResolver", FIELD_NAME, "FieldName: dack", "deck has no"),
    (resolvers.unresolved, "DeckResolver", FIELD_NAME, "FieldName: getRoom", "getRoom has"),
    (resolvers.broken_resolvers, "DeckResolver", "lambda.js", "lamda.js", "there is no"),
    (resolvers.broken_resolvers, "DeckResolver", "        DependsOn: RoomsSchema\n", "", "before"),
    (
        resolvers.unguarded_subscriptions,
        "UserMatchResolver",
        "own_user_only.js",
        "lambda.js",
        "lets anybody subscribe",
    ),
    (
        environment.missing_variables,
        "RoomsApiFunction",
        "          VOTES_TABLE: !Ref VotesTable\n",
        "",
        "RoomsApiFunction is not given VOTES_TABLE",
    ),
    (
        environment.unread_variables,
        "NotifierFunction",
        "          GRAPHQL_URL:",
        "          TOPIC_ARN: x\n          GRAPHQL_URL:",
        "NotifierFunction is given TOPIC_ARN",
    ),
    (
        environment.broken_handlers,
        "NotifierFunction",
        "rooms.handlers.notifier.handler",
        "rooms.handlers.notifier.handle",
        "NotifierFunction",
    ),
    (
        environment.wrong_consumers,
        "NotifierFunction",
        "rooms.handlers.notifier.handler",
        "rooms.handlers.match_detector.handler",
        "NotifierFunction reads the contracts of ['MatchDetectorFunction']",
    ),
    (
        environment.broken_handlers,
        "NotifierFunction",
        "ParentPackages: rooms",
        "ParentPackages: auth",
        "a build would not keep the name rooms",
    ),
]


@pytest.mark.parametrize(
    "fault",
    FAULTS,
    ids=[f"{finding.__name__}-{number}" for number, (finding, *_) in enumerate(FAULTS)],
)
def test_each_of_these_tests_can_fail(
    fault: tuple[Finding, str, str, str, str], stacks: Stacks
) -> None:
    finding, resource, old, new, reason = fault

    broken = stacks.in_resource(resource, old, new)

    assert any(reason in found for found in finding(broken)), finding(broken)


def test_a_field_with_wrong_directives_is_found() -> None:
    users = ("aws_cognito_user_pools", {"cognito_groups": ["Users"]})
    anyone: resolvers.Directives = [("aws_cognito_user_pools", {})]
    service: tuple[str, dict[str, Any]] = ("aws_iam", {})

    assert resolvers.open_fields({"Query.deck": []})
    assert resolvers.open_fields({"Query.deck": anyone})
    assert resolvers.open_fields({"Query.deck": [users, service]})
    assert resolvers.open_fields({"Mutation.publishUserMatch": [service, users]})
    assert resolvers.open_fields({"Mutation.publishUserMatch": [users]})
    assert resolvers.open_fields({"Mutation.publishUserMatch": [service]}) == []


@pytest.mark.parametrize(
    ("open_to", "faults"),
    [
        ("type Part @aws_iam { word: String }", []),
        ("type Part @aws_iam @aws_cognito_user_pools { word: String whole: News }", []),
        ("type Part { word: String }", ["Part is closed to IAM"]),
        ("type Part @aws_cognito_user_pools { word: String }", ["Part is closed to IAM"]),
        (
            "type Part @aws_iam { word: String @aws_cognito_user_pools }",
            ["Part.word is closed to IAM"],
        ),
    ],
)
def test_a_nested_type_that_is_closed_to_iam_is_found(open_to: str, faults: list[str]) -> None:
    schema = build_schema(
        f"""directive @aws_iam on OBJECT | FIELD_DEFINITION
        directive @aws_cognito_user_pools on OBJECT | FIELD_DEFINITION
        type Query {{ news: Other }}
        type Mutation {{ publish: News @aws_iam }}
        type Subscription {{ news: News @aws_cognito_user_pools }}
        type News @aws_iam {{ parts: [Part!]! }}
        type Other {{ word: String }}
        {open_to}"""
    )

    assert resolvers.closed_to_iam(schema) == faults


def test_a_shared_variable_that_nobody_reads_is_found(stacks: Stacks) -> None:
    variables = "Variables:\n        STAGE: !Ref Stage\n"
    chatty = stacks.without(variables, f"{variables}        MOOD: ok\n")

    assert environment.unread_variables(chatty) == [
        f"all functions of {service} are given MOOD" for service in SERVICES if service != "rooms"
    ]


def test_a_missing_variable_is_found(stacks: Stacks) -> None:
    without_stage = stacks.without("Variables:\n        STAGE: !Ref Stage\n", "Variables:\n")

    assert any(
        "is not given STAGE" in fault for fault in environment.missing_variables(without_stage)
    )
