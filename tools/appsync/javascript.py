"""Runs APPSYNC_JS code in QuickJS: modules compiled once in each thread, called by name.

Their exports cannot be reached from outside, so the few forms of `import` and `export` that a
resolver can have are rewritten to a classic script's. What APPSYNC_JS forbids is refused when the
code is loaded: code that runs here must not be refused when it is deployed.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quickjs import Context, JSException

from tools.appsync.errors import DefinitionError

_RUNTIME = Path(__file__).with_name("runtime.js").read_text(encoding="utf-8")
_MAX_MEMORY_BYTES = 64 * 1024 * 1024
_MAX_STACK_BYTES = 256 * 1024  # macOS gives a thread half a megabyte
TIMEOUT_SECONDS = 5.0

_QUOTED = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`", re.DOTALL
)
_IMPORT = re.compile(
    r"^[ \t]*import\b(?P<clause>[^;'\"`]*)(?P<text>\"[^\"]*\")[ \t]*;?", re.MULTILINE
)
_EXPORT_LIST = re.compile(r"^[ \t]*export\s*\{(?P<names>[^}]*)\}[ \t]*;?", re.MULTILINE)
_EXPORT = re.compile(r"^(?P<indent>[ \t]*)export\s+(?=(?:function|const|let|var)\b)", re.MULTILINE)
_EXPORTED_NAME = re.compile(r"^[ \t]*export\s+(?:function|const|let|var)\s+(\w+)", re.MULTILINE)
_FORBIDDEN = re.compile(
    r"(?<![.\w$])(async|await|class|while|do|try|catch|throw|this|yield|with|eval|Function)\b(?!\s*:)"
    r"|(\+\+|--|~)"
    r"|(?<![.\w$])(for\s*\([^()]*;)"
)


@dataclass(frozen=True, slots=True)
class Raised:
    """An error that the code raised with `util.error`; no message means util.unauthorized()."""

    message: str | None
    type: str | None
    data: object = None
    info: object = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call of a handler came to. Exactly one of value, error and crash counts."""

    value: object = None
    stash: Mapping[str, object] = field(default_factory=dict)
    early: bool = False
    error: Raised | None = None
    crash: str | None = None
    appended: tuple[Raised, ...] = ()
    invalidation_filter: Mapping[str, Any] | None = None
    invalidations: tuple[Mapping[str, Any], ...] = ()


class JavaScript:
    """The resolvers' modules, in an interpreter of its own for each thread. Thread-safe."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._timeout_seconds = timeout_seconds
        self._scripts: dict[str, str] = {}
        self._here = threading.local()

    def define(self, name: str, code: str) -> None:
        """Compile a resolver's module. Raises DefinitionError when AppSync would refuse it."""
        script = classic_script(name, code)
        try:
            self._interpreter().define(name, script)
        except JSException as error:
            raise DefinitionError(f"{name}: {error}") from error
        self._scripts[name] = script

    def call(self, name: str, handler: str, auth_type: str, context: Mapping[str, Any]) -> Outcome:
        """Call `request` or `response` of a module with a context object."""
        interpreter = self._interpreter()
        interpreter.define(name, self._scripts[name])
        try:
            text = interpreter.call(name, handler, auth_type, json.dumps(context))
        except JSException as error:
            return Outcome(crash=f"{name}: {error}")
        return _outcome(json.loads(text))

    def _interpreter(self) -> "_Interpreter":
        if not hasattr(self._here, "interpreter"):
            self._here.interpreter = _Interpreter(self._timeout_seconds)
        interpreter: _Interpreter = self._here.interpreter
        return interpreter


class _Interpreter:
    """One thread's QuickJS, within bounds of time and memory: a call leaves nothing behind."""

    def __init__(self, timeout_seconds: float) -> None:
        context = Context()
        context.set_memory_limit(_MAX_MEMORY_BYTES)
        context.set_max_stack_size(_MAX_STACK_BYTES)
        context.set_time_limit(timeout_seconds)  # seconds of processor time, for each call
        context.eval(_RUNTIME)
        self.call = context.eval("appsync.call")
        self._define = context.eval("appsync.define")
        self._defined: dict[str, str] = {}

    def define(self, name: str, script: str) -> None:
        """Compile a module, unless this is the one that is there."""
        if self._defined.get(name) != script:
            self._define(name, script)
            self._defined[name] = script


def classic_script(name: str, code: str) -> str:
    """Rewrite a resolver's ES module as a function body that returns its exports.

    Raises DefinitionError for what APPSYNC_JS does not support. Regular expression literals are
    none of its features, so quotes can only be strings, templates or comments.
    """
    literals: list[str] = []

    def hide(match: re.Match[str]) -> str:
        text = match[0]
        if text.startswith(("//", "/*")):
            return "\n" * text.count("\n") or " "
        literals.append(text)
        return f'"{len(literals) - 1}"'

    bare = _QUOTED.sub(hide, code)
    if forbidden := _FORBIDDEN.search(bare):
        line = bare.count("\n", 0, forbidden.start()) + 1
        word = next(group for group in forbidden.groups() if group).split("(")[0].strip()
        raise DefinitionError(f"{name}:{line}: APPSYNC_JS does not support `{word}`")
    names = _EXPORTED_NAME.findall(bare)
    exports = {exported: exported for exported in names}
    for listed in _EXPORT_LIST.finditer(bare):
        for entry in filter(None, (entry.strip() for entry in listed["names"].split(","))):
            local, _, exported = (part.strip() for part in entry.partition(" as "))
            exports[exported or local] = local
    bare = _IMPORT.sub(_required, bare)
    bare = _EXPORT.sub(r"\g<indent>", _EXPORT_LIST.sub("", bare))
    script = re.sub(r'"(\d+)"', lambda match: literals[int(match[1])], bare)
    returned = ", ".join(f"{exported}: {local}" for exported, local in exports.items())
    return f"{script}\nreturn {{ {returned} }};"


def _required(match: re.Match[str]) -> str:
    """Turn an import statement into a declaration, on as many lines."""
    clause = match["clause"].strip().removesuffix("from").strip()
    source = f"__import({match['text']})"
    if not clause:
        return f"{source};"
    if clause.startswith("*"):
        return f"const {clause.partition(' as ')[2].strip()} = {source};"
    return f"const {re.sub(r'\s+as\s+', ': ', clause)} = {source};"


def _outcome(outcome: dict[str, Any]) -> Outcome:
    appended = tuple(Raised(**error) for error in outcome.get("appended") or ())
    if "error" in outcome:
        return Outcome(error=Raised(**outcome["error"]), appended=appended)
    if "crash" in outcome:
        return Outcome(crash=outcome["crash"], appended=appended)
    if "early" in outcome:
        return Outcome(value=outcome["early"], early=True, appended=appended)
    return Outcome(
        value=outcome["value"],
        stash=outcome.get("stash") or {},
        appended=appended,
        invalidation_filter=outcome["invalidationFilter"],
        invalidations=tuple(outcome["invalidations"]),
    )
