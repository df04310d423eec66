"""The stacks beside one another: what feeds which parameter, and whose names could collide."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Any

from tests.template.stacks import Stacks, as_list, logical_ids
from tools.local.settings import REGION
from tools.local.template import Template, load_template
from tools.templates import ROOT_TEMPLATE, applications, expanded

ENVIRONMENTS = ("matinee-dev", "matinee-prod")
"""Two environments that may stand side by side in one account and region."""

PARENTS = frozenset({"ApiId", "FunctionName", "RegistryName", "Roles", "UserPoolId"})
"""Properties that say in what a resource is: its name need be its own only there."""

_STACK_NAMES = ("${AWS::StackName}", '{"Ref": "AWS::StackName"}')
_ID_OF_AWS = re.compile(r"\$\{\w+\.ApiId\}")
"""An id that AWS gives: no other resource has it."""

type PhysicalName = tuple[str, str]
"""A type of resources, and what one of them is called in its account and region."""

_OUTPUT = re.compile(r"Outputs\.(?P<name>\w+)")


def physical_names(stacks: Stacks, environment: str) -> dict[PhysicalName, list[str]]:
    """Return the names that an environment's resources get from the templates, with who has them.

    Without those that CloudFormation makes up: they begin with the stack's.
    """
    names: dict[PhysicalName, list[str]] = {}
    for stack, logical_id, resource, parameters in _resources(stacks):
        kind, properties = resource["Type"], resource.get("Properties", {})
        for named_by in naming_properties(kind) & properties.keys():
            if named_by.endswith("Name") and (PARENTS - {named_by}) & properties.keys():
                continue
            value = properties[named_by]
            match value:
                case {"Fn::GetAtt": _}:
                    continue
                case {"Ref": str(other)} if not other.startswith("AWS::"):
                    value = parameters.get(other)
            if value:  # Else another resource's name, or one that the deployment gives.
                name = _ID_OF_AWS.sub(f"{environment}-{logical_id}", json.dumps(value))
                for stack_name in _STACK_NAMES:
                    name = name.replace(stack_name, f"{environment}-{stack}")
                names.setdefault((kind, name.strip('"')), []).append(f"{stack}: {logical_id}")
    return names


@cache
def naming_properties(kind: str) -> frozenset[str]:
    """Return the properties by which a type's resources are called, as its schema has them."""
    # Imported here: whoever runs other tests does not wait for it.
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # noqa: PLC0415

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    identifying = {path.rpartition("/")[2] for path in schema["primaryIdentifier"]}
    made_by_aws = {path.rpartition("/")[2] for path in schema.get("readOnlyProperties", ())}
    own = {
        name
        for name in schema["properties"]
        if name.endswith("Name") and name.removesuffix("Name") in kind.rpartition("::")[2]
    }
    return frozenset(own | identifying) - made_by_aws - {"Scope"}


def colliding_names(stacks: Stacks) -> list[str]:
    """Find physical names that two environments, or two stacks of one, would share."""
    first, second = (physical_names(stacks, environment) for environment in ENVIRONMENTS)
    faults = [
        f"{owner} is called {name} in every environment"
        for kind, name in first.keys() & second.keys()
        for owner in first[kind, name]
    ]
    faults += [
        f"{' and '.join(owners)} are called {name}"
        for (_, name), owners in first.items()
        if len(owners) > 1
    ]
    return faults


def repeated_ids(stacks: Stacks) -> list[str]:
    """Find logical ids of two stacks: people and tools name resources by them alone.

    The layer is in every service the same.
    """
    counts = Counter(name for stack in stacks.product.stacks for name in stack.resources)
    return [name for name, count in counts.items() if count > 1 and name != "SharedLayer"]


def miswired(stacks: Stacks) -> list[str]:
    """Find parameters that are not there, not given, or given in a way that nobody can follow."""
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)
    templates = {
        name: expanded(stacks.texts[properties["Location"]], properties["Location"])
        for name, properties in applications(root).items()
    }
    faults = []
    for name, properties in applications(root).items():
        given = properties.get("Parameters", {})
        declared = templates[name].get("Parameters", {})
        faults += [f"{name} has no parameter {each}" for each in given.keys() - declared.keys()]
        faults += [
            f"{name} is not given {each}"
            for each, parameter in declared.items()
            if "Default" not in parameter and each not in given
        ]
        for parameter, value in given.items():
            faults += [
                f"{name}.{parameter}: {reason}" for reason in _unwired(root, templates, value)
            ]
    return faults + _unread_parameters(stacks, templates)


def policies_at_once(stacks: Stacks) -> list[str]:
    """Find policies of the bus that CloudFormation may change at the same time.

    Each change reads the whole policy and writes it back: of two at once, one is lost.
    """
    kind = "AWS::Events::EventBusPolicy"
    owners = {name: stacks.product.stack_of(name).name for name in stacks.of_type(kind)}
    needs = {name: _needs(resource) for name, resource in stacks.resources.items()}
    stack_needs = stacks_needed(stacks)

    def waits(later: str, earlier: str) -> bool:
        if owners[later] == owners[earlier]:
            return earlier in _reachable(later, needs)
        return owners[earlier] in _reachable(owners[later], stack_needs)

    return [
        f"{one} and {other} may be changed at once"
        for one, other in combinations(owners, 2)
        if not waits(one, other) and not waits(other, one)
    ]


def order(stacks: Stacks) -> list[str]:
    """Return the applications as they can be deployed. Raises CycleError."""
    return list(TopologicalSorter(stacks_needed(stacks)).static_order())


def stacks_needed(stacks: Stacks) -> dict[str, set[str]]:
    """Return the applications that each application waits for."""
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)
    return {
        name: {
            value["Fn::GetAtt"][0]
            for value in properties.get("Parameters", {}).values()
            if isinstance(value, dict) and "Fn::GetAtt" in value
        }
        | set(as_list(root["Resources"][name].get("DependsOn", [])))
        for name, properties in applications(root).items()
    }


def _needs(resource: Mapping[str, Any]) -> set[str]:
    return logical_ids(resource.get("Properties", {})) | set(as_list(resource.get("DependsOn", [])))


def _reachable(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = {name}
    while left:
        needed = needs.get(left.pop(), set()) - found
        found |= needed
        left |= needed
    return found


def cycles(stacks: Stacks) -> list[str]:
    """Find stacks that wait for one another."""
    try:
        order(stacks)
    except CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def _resources(
    stacks: Stacks,
) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, object]]]:
    """Yield stack, logical id and resource, with the parameters that its template has values for.

    Those of nested templates, too, which need no transform.
    """
    for stack in stacks.product.stacks:
        name = stack.name.lower()
        defaults = _defaults(stack.template)
        for logical_id, resource in stacks.transformed[name].items():
            yield name, logical_id, resource, defaults
        for resource in stack.resources.values():
            if resource["Type"] == "AWS::CloudFormation::Stack":
                properties = resource["Properties"]
                nested = load_template(stacks.root / properties["TemplateURL"])
                given = _defaults(nested) | properties["Parameters"]
                for logical_id, inner in nested["Resources"].items():
                    yield name, logical_id, inner, given


def _defaults(template: Template) -> dict[str, object]:
    return {
        name: parameter.get("Default") for name, parameter in template.get("Parameters", {}).items()
    }


def _unwired(root: Template, templates: Mapping[str, Template], value: object) -> list[str]:
    match value:
        case {"Ref": str(name)} if name in root["Parameters"]:
            return []
        case {"Fn::GetAtt": [str(application), str(attribute)]}:
            output = _OUTPUT.fullmatch(attribute)
            if application not in templates or not output:
                return [f"there is no {application}.{attribute}"]
            outputs = templates[application]["Outputs"]
            if output["name"] not in outputs:
                return [f"{application} has no output {output['name']}"]
            if "Condition" in outputs[output["name"]]:
                return [f"{application} has the output {output['name']} at times only"]
            return []
    return [f"{value} is neither a parameter of the root nor an output"]


def _unread_parameters(stacks: Stacks, templates: Mapping[str, Template]) -> list[str]:
    locations = applications(expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE))
    return [
        f"{name} does not use {parameter}"
        for name, template in templates.items()
        for parameter in template.get("Parameters", {})
        if not _mentions(stacks.texts[str(locations[name]["Location"])], parameter)
    ]


def _mentions(text: str, parameter: str) -> Any:  # noqa: ANN401 - a match or nothing
    return re.search(rf"(!Ref {parameter}\b|\$\{{{parameter}\}})", text)
