"""The root template: which stacks there are, and which output feeds which parameter.

Each AWS::Serverless::Application is a stack of its own, `matinee-rooms` for the application Rooms.
Locally and by `make deploy` they are deployed one after the other; the root's own deployment, with
nested stacks, follows the same wiring on AWS.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Self

from tools.local.template import TemplateError, load_template

APPLICATION = "AWS::Serverless::Application"
_OUTPUTS = "Outputs."

type Outputs = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Application:
    """One stack: the root's logical id of it, its template, its parameters as they are wired."""

    name: str
    template: Path
    parameters: Mapping[str, Any]
    depends_on: frozenset[str] = frozenset()

    @property
    def service(self) -> str:
        """Its name on the command line: `rooms`."""
        return self.name.lower()

    @property
    def needs(self) -> frozenset[str]:
        """The applications whose outputs it takes."""
        return frozenset(_referenced(self.parameters))

    def stack_name(self, base: str) -> str:
        """Return the name of its stack in an environment, of which `base` is the name."""
        return f"{base}-{self.service}"


@dataclass(frozen=True, slots=True)
class Wiring:
    """The root template. `applications` are in the order in which they can be deployed."""

    root: Path
    applications: tuple[Application, ...]
    declared: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Self:
        """Read a root template. Raises TemplateError."""
        template = load_template(root)
        applications = {
            name: Application(
                name,
                root.parent / str(resource["Properties"]["Location"]),
                resource["Properties"].get("Parameters") or {},
                frozenset(_as_list(resource.get("DependsOn"))),
            )
            for name, resource in template["Resources"].items()
            if resource.get("Type") == APPLICATION
        }
        if not applications:
            raise TemplateError(f"{root.name} has no {APPLICATION}: nothing to deploy")
        needs = {
            name: application.needs | application.depends_on
            for name, application in applications.items()
        }
        unknown = sorted(set().union(*needs.values()) - applications.keys())
        if unknown:
            raise TemplateError(f"{root.name} refers to {', '.join(unknown)}: no application")
        try:
            order = tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            raise TemplateError(
                f"{root.name} wires a cycle: {' -> '.join(error.args[1])}"
            ) from error
        return cls(
            root,
            tuple(applications[name] for name in order),
            template.get("Parameters") or {},
            {name: output["Value"] for name, output in (template.get("Outputs") or {}).items()},
        )

    def application(self, service: str) -> Application:
        """Return an application by its service's name. Raises TemplateError."""
        for application in self.applications:
            if application.service == service.lower():
                return application
        known = ", ".join(application.service for application in self.applications)
        raise TemplateError(f"no stack is called {service!r}. There are: {known}")

    def given(self, parameters: Mapping[str, str], *, secrets_too: bool = True) -> dict[str, str]:
        """Return the root's parameters: defaults, overridden by those given.

        Without `secrets_too` a secret that is not given has no value: it stays as it was last.
        """
        defaults = {
            name: str(parameter["Default"])
            for name, parameter in self.declared.items()
            if "Default" in parameter and (secrets_too or not parameter.get("NoEcho"))
        }
        return defaults | {
            name: value for name, value in parameters.items() if name in self.declared
        }

    def parameters_of(
        self, application: Application, given: Mapping[str, str], outputs: Mapping[str, Outputs]
    ) -> dict[str, str]:
        """Return a stack's parameters, with other stacks' outputs by application's name.

        A secret of the root that has no value is left out. Raises TemplateError when a parameter
        refers to something that is not there.
        """
        return {
            name: self._value(f"{application.name}.{name}", value, given, outputs)
            for name, value in application.parameters.items()
            if not self._is_absent_secret(value, given)
        }

    def outputs_of(
        self, given: Mapping[str, str], outputs: Mapping[str, Outputs]
    ) -> dict[str, str]:
        """Return the root's own outputs. Raises TemplateError."""
        return {
            name: self._value(f"Outputs.{name}", value, given, outputs)
            for name, value in self.outputs.items()
        }

    def _is_absent_secret(self, value: Any, given: Mapping[str, str]) -> bool:  # noqa: ANN401 - any JSON value
        name = value.get("Ref") if isinstance(value, dict) else None
        return name not in given and bool(self.declared.get(str(name), {}).get("NoEcho"))

    def _value(
        self,
        place: str,
        value: Any,  # noqa: ANN401 - any JSON value
        given: Mapping[str, str],
        outputs: Mapping[str, Outputs],
    ) -> str:
        match value:
            case {"Ref": str(name)} if name in given:
                return given[name]
            case {"Fn::GetAtt": [str(application), str(attribute)]}:
                output = attribute.removeprefix(_OUTPUTS)
                if output in outputs.get(application, {}):
                    return outputs[application][output]
                raise TemplateError(
                    f"{self.root.name}: {place} needs the output {output} of {application}, "
                    "which has none of that name"
                )
            case {"Fn::Join": [str(delimiter), list(parts)]}:
                return delimiter.join(self._value(place, part, given, outputs) for part in parts)
            case str() | int() | float():
                return str(value)
        raise TemplateError(f"{self.root.name}: {place} cannot be evaluated: {value}")


def _as_list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _referenced(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield the applications whose outputs a value refers to."""
    match value:
        case {"Fn::GetAtt": [str(application), *_]}:
            yield application
        case dict():
            for part in value.values():
                yield from _referenced(part)
        case list():
            for part in value:
                yield from _referenced(part)
