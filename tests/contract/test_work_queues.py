"""A work queue: its own service sends it commands, past the bus, and reads them back."""

from dataclasses import replace

from matinee.events.contract import Contract, Registry
from tests.contract.breaking import faults, rewrite
from tools.contracts import readers, samples
from tools.contracts.project import Declared, Project

SENDS = """          - {Sid: SendPageTasks, Effect: Allow, Action: sqs:SendMessage,
             Resource: !GetAtt RefreshQueue.Arn}
"""
SENDS_ON = """          - {Sid: SendNextPageTask, Effect: Allow, Action: sqs:SendMessage,
             Resource: !GetAtt RefreshQueue.Arn}
"""


def test_a_work_queue_needs_no_rule(copy: Project) -> None:
    assert faults(readers.disagreements, copy) == ""


def test_a_rule_that_delivers_events_to_a_work_queue_is_reported(copy: Project) -> None:
    rewrite(
        copy.root / "services/rooms/template.yaml",
        "Arn: !GetAtt NotifierQueue.Arn",
        "Arn: !GetAtt RefreshQueue.Arn",
    )

    assert "delivers events to RefreshQueue, a queue of commands" in faults(
        readers.disagreements, copy
    )


def test_a_work_queue_to_which_nobody_may_send_is_reported(copy: Project) -> None:
    template = copy.root / "services/catalog/template.yaml"
    rewrite(template, SENDS, "")
    rewrite(template, SENDS_ON, "")

    assert "no function of its service may send to RefreshQueue" in faults(
        readers.disagreements, copy
    )


def test_a_command_is_no_event(copy: Project) -> None:
    catalog = catalog_of(copy)
    [command] = catalog.commands
    published = Registry([*catalog.published, command])

    assert "RefreshPage is a command and an event" in faults(
        readers.disagreements, with_catalog(copy, replace(catalog, published=published))
    )


def test_a_worker_without_declared_commands_refuses_its_sample(copy: Project) -> None:
    silent = with_catalog(copy, replace(catalog_of(copy), commands=Registry([])))

    assert "RefreshWorkerFunction.sqs.first-page.json: is refused" in faults(samples.unfit, silent)


def test_a_command_s_sample_is_judged_by_its_model(copy: Project) -> None:
    sample = copy.samples / "catalog" / "RefreshWorkerFunction.sqs.first-page.json"
    rewrite(sample, '\\"detail\\":', '\\"details\\":')

    assert "md5OfBody" in faults(samples.unfit, copy)


def test_commands_are_not_taken_for_events_of_the_bus(copy: Project) -> None:
    commands: list[type[Contract]] = list(catalog_of(copy).commands)

    assert commands
    assert not {command.event_type for command in commands} & {
        contract.event_type for contract in copy.known
    }


def catalog_of(project: Project) -> Declared:
    return next(declared for declared in project.declared if declared.service == "catalog")


def with_catalog(project: Project, catalog: Declared) -> Project:
    others = [declared for declared in project.declared if declared.service != "catalog"]
    return Project(project.root, (*others, catalog))
