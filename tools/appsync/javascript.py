"""Runs APPSYNC_JS code in V8: modules compiled once, called by name, one call at a time.

V8 runs classic scripts here, not ES modules, so the few forms of `import` and `export` that a
resolver can have are rewritten. What APPSYNC_JS forbids is refused when the code is loaded: code
that runs here must not be refused when it is deployed.
"""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from py_mini_racer import JSEvalException, JSTimeoutException, MiniRacer

from tools.appsync.errors import DefinitionError

# V8 gives access to its protected memory (protection keys, "pku") to the thread that starts it and
# to threads created from there on. Started in a helper thread, it ends the process with a
# segmentation fault as soon as another thread makes an isolate. So the importing thread starts it.
MiniRacer().close()

_RUNTIME = Path(__file__).with_name("runtime.js")
_TIMEOUT_SECONDS = 5.0
_LOAD_SECONDS = 5.0
_MAX_MEMORY_BYTES = 256 * 1024 * 1024

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


class JavaScript:
    """A V8 isolate with the resolvers' modules. Thread-safe; close it, or the process lingers."""

    def __init__(self) -> None:
        # It would run on the caller's event loop, and block it, if the caller had one.
        with ThreadPoolExecutor(1) as thread:
            self._v8 = thread.submit(MiniRacer).result()
        self._v8.set_hard_memory_limit(_MAX_MEMORY_BYTES)
        self._v8.eval(_RUNTIME.read_text(encoding="utf-8"))

    def close(self) -> None:
        """Release V8's memory and thread."""
        self._v8.close()

    def define(self, name: str, code: str) -> None:
        """Compile a resolver's module. Raises DefinitionError when AppSync would refuse it."""
        body = classic_script(name, code)
        try:
            self._v8.eval(
                f"appsync.define({json.dumps(name)}, {json.dumps(body)})", timeout_sec=_LOAD_SECONDS
            )
        except JSEvalException as error:
            raise DefinitionError(f"{name}: {error}") from error

    def call(self, name: str, handler: str, auth_type: str, context: Mapping[str, Any]) -> Outcome:
        """Call `request` or `response` of a module with a context object."""
        arguments = (name, handler, auth_type, json.dumps(context))
        source = f"appsync.call({','.join(json.dumps(argument) for argument in arguments)})"
        try:
            text = self._v8.eval(source, timeout_sec=_TIMEOUT_SECONDS)
        except JSTimeoutException:
            return Outcome(crash=f"{name} ran for more than {_TIMEOUT_SECONDS:.0f} s")
        except JSEvalException as error:
            return Outcome(crash=str(error))
        return _outcome(json.loads(str(text)))


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
    return Outcome(value=outcome["value"], stash=outcome.get("stash") or {}, appended=appended)
