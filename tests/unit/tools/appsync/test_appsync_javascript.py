"""Resolver code: what of it runs, what it may use, and what AppSync would refuse."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tools.appsync.errors import DefinitionError
from tools.appsync.javascript import JavaScript, Outcome, classic_script

REST = "\nexport function response(ctx) { return ctx.result; }"


@pytest.fixture(scope="module")
def javascript() -> JavaScript:
    return JavaScript()


def run(javascript: JavaScript, body: str, **context: Any) -> Outcome:  # noqa: ANN401 - any JSON
    """Run a request handler of this body."""
    code = "import { util, runtime } from '@aws-appsync/utils';\n"
    javascript.define("test.js", f"{code}export function request(ctx) {{ {body} }}{REST}")
    ctx = {"args": {}, "stash": {}} | context
    return javascript.call("test.js", "request", "IAM Authorization", ctx)


@pytest.mark.parametrize(
    "code",
    [
        "import { util } from '@aws-appsync/utils';\n"
        "export function request(ctx) { return util.autoId().length; }" + REST,
        'import {\n  util,\n  runtime,\n} from "@aws-appsync/utils"\n'
        "export const request = (ctx) => util.autoId().length;" + REST,
        "import { util as u } from '@aws-appsync/utils';\n"
        "function request(ctx) { return u.autoId().length; }\n"
        "const answer = (ctx) => null;\n"
        "export { request, answer as response };",
        "import * as appsync from '@aws-appsync/utils';\n"
        "  export function request(ctx) { return appsync.util.autoId().length; }" + REST,
        "// import { nothing } from 'nowhere';\n/* export function request() {} */\n"
        "import { util } from '@aws-appsync/utils'; // the package's\n"
        "const text = \"export function it's ${\" + `import ${1} from` + 'class';\n"
        "export function request(ctx) { return util.autoId().length; }" + REST,
    ],
)
def test_every_form_of_import_and_export_is_understood(javascript: JavaScript, code: str) -> None:
    javascript.define("forms.js", code)

    assert javascript.call("forms.js", "request", "", {"args": {}}).value == 36


def test_strings_keep_what_looks_like_code(javascript: JavaScript) -> None:
    body = """return ["import x from 'y';", 'export const a = 1', `say "0" // no`, "1"];"""

    assert run(javascript, body).value == [
        "import x from 'y';",
        "export const a = 1",
        'say "0" // no',
        "1",
    ]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("try { return 1; } catch (e) { return 2; }", "try"),
        ("throw ctx;", "throw"),
        ("while (true) { }", "while"),
        ("for (let i = 0; i < 3; i = i + 1) { }", "for"),
        ("let i = 0; i++;", "++"),
        ("return this;", "this"),
        ("class A {}", "class"),
    ],
)
def test_what_appsync_does_not_support_is_refused_by_line(body: str, word: str) -> None:
    with pytest.raises(
        DefinitionError, match=r"test\.js:2: APPSYNC_JS does not support"
    ) as refused:
        classic_script("test.js", f"export function request(ctx) {{\n{body}\n}}{REST}")

    assert f"`{word}`" in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        "return ctx.args.class ?? ctx.args.this;",
        "const found = []; for (const each of [1, 2]) { found.push(each); } return found;",
        "return { try: 1, do: 2 };",
        "// try this while you throw\nreturn 'for (;;) ++';",
    ],
)
def test_what_only_looks_forbidden_is_not(javascript: JavaScript, body: str) -> None:
    assert run(javascript, body).crash is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("export function request(ctx) {", "SyntaxError"),
        ("export function request(ctx) { return 1; }", "no function response"),
        ("import fs from 'fs';\nexport function request(ctx) {}" + REST, "no package fs"),
        ("export const request = 1;" + REST, "no function request"),
    ],
)
def test_code_that_cannot_be_loaded_says_why(
    javascript: JavaScript, code: str, reason: str
) -> None:
    with pytest.raises(DefinitionError, match=reason):
        javascript.define("broken.js", code)


def test_an_error_carries_message_type_data_and_info(javascript: JavaScript) -> None:
    outcome = run(javascript, "util.error('Full.', 'RoomFull', { a: 1 }, { b: 2 });")

    assert outcome.error is not None
    assert outcome.error.message == "Full."
    assert outcome.error.type == "RoomFull"
    assert outcome.error.data == {"a": 1}
    assert outcome.error.info == {"b": 2}


def test_appended_errors_leave_the_value(javascript: JavaScript) -> None:
    outcome = run(javascript, "util.appendError('Careful.', 'Hint'); return 7;")

    assert outcome.value == 7
    assert [(each.message, each.type) for each in outcome.appended] == [("Careful.", "Hint")]
    assert run(javascript, "return 8;").appended == ()


def test_unauthorized_has_no_message_of_its_own(javascript: JavaScript) -> None:
    outcome = run(javascript, "util.unauthorized();")

    assert outcome.error is not None
    assert outcome.error.message is None
    assert outcome.error.type == "Unauthorized"


def test_an_early_return_and_the_stash_come_back(javascript: JavaScript) -> None:
    early = run(javascript, "runtime.earlyReturn({ done: true });")
    stashed = run(javascript, "ctx.stash.seen = ctx.arguments.id; return null;", args={"id": "7"})

    assert early.early
    assert early.value == {"done": True}
    assert stashed.stash == {"seen": "7"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("util.base64Encode('Amélie ☂')", "QW3DqWxpZSDimII="),
        ("util.base64Decode('QW3DqWxpZSDimII=')", "Amélie ☂"),
        ("util.base64Encode('ab') + util.base64Encode('abc') + util.base64Encode('')", "YWI=YWJj"),
        ("util.urlEncode('a b&c')", "a%20b%26c"),
        ("util.urlDecode('a%20b')", "a b"),
        ('util.escapeJavaScript("it\'s")', "it\\'s"),
        ("util.matches('a.c', 'abc')", True),
        ("util.authType()", "IAM Authorization"),
        ("util.time.epochMilliSecondsToISO8601(0)", "1970-01-01T00:00:00.000Z"),
        ("util.time.parseISO8601ToEpochMilliSeconds('1970-01-01T00:00:01Z')", 1000),
        ("util.time.epochMilliSecondsToSeconds(1999)", 1),
        ("util.time.nowEpochSeconds() > 1700000000", True),
        ("util.time.nowISO8601().length", 24),
        ("util.autoId() === util.autoId()", False),
        ("undefined", None),
    ],
)
def test_the_utilities_do_what_their_names_say(
    javascript: JavaScript, expression: str, value: object
) -> None:
    assert run(javascript, f"return {expression};").value == value


def test_a_utility_that_is_missing_names_itself(javascript: JavaScript) -> None:
    outcome = run(javascript, "return util.dynamodb.toMapValues({});")

    assert outcome.crash is not None
    assert "util.dynamodb is not available" in outcome.crash


TWO_TO_THE_60 = "const f = (n) => (n > 0 ? f(n - 1) + f(n - 1) : 1); return f(60);"
TOO_DEEP = "const f = (n) => f(n + 1) + 1; return f(0);"
TOO_BIG = "const f = (all) => f(all.concat('x'.repeat(1000000 + all.length))); return f([]);"


@pytest.mark.parametrize("body", [TWO_TO_THE_60, TOO_DEEP, TOO_BIG])
def test_a_call_without_an_end_is_ended_and_the_next_one_served(body: str) -> None:
    javascript = JavaScript(timeout_seconds=0.1)

    assert run(javascript, body).crash is not None
    assert run(javascript, "return 1;").value == 1


def test_20_000_calls_leave_nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.appsync.javascript._MAX_MEMORY_BYTES", 1024 * 1024)
    javascript = JavaScript()
    run(javascript, "ctx.stash.seen = ctx.args.text; return { payload: ctx.args };")

    def call(number: int) -> None:
        # Texts and names that no other call has, as ids and headers are: 30 KB, or a few bytes.
        text = f"{number:05}-" * (5_000 if number % 40 == 0 else 5)
        context = {"args": {"text": text, f"name{number}": number}, "stash": {}}
        outcome = javascript.call("test.js", "request", "", context)
        assert (outcome.crash, outcome.stash) == (None, {"seen": text})

    for number in range(1_000):
        call(number)
    blocks = sys.getallocatedblocks()
    for number in range(1_000, 20_000):
        call(number)

    assert sys.getallocatedblocks() - blocks < 2_000


def test_a_module_is_the_last_that_was_defined_on_every_thread(javascript: JavaScript) -> None:
    with ThreadPoolExecutor(1) as thread:
        for wanted in ("old", "new"):
            run(javascript, f"return '{wanted}';")
            call = thread.submit(javascript.call, "test.js", "request", "", {"stash": {}})
            assert call.result().value == wanted


def test_a_crash_is_reported_as_one(javascript: JavaScript) -> None:
    outcome = run(javascript, "return ctx.nothing.at.all;")

    assert outcome.crash is not None
    assert "TypeError" in outcome.crash


def test_names_that_javascript_knows_are_plain_data(javascript: JavaScript) -> None:
    context = {"__proto__": {"x": 1}, "constructor": "c", "toString": "t", "\u2028": "</script>"}

    assert run(javascript, "return ctx.args;", args=context).value == context


def test_calls_from_many_threads_do_not_mix(javascript: JavaScript) -> None:
    run(javascript, "ctx.stash.id = ctx.args.id; return ctx.args.id;")
    wrong: list[object] = []

    def work(number: int) -> None:
        for round_ in range(20):
            wanted = f"{number}-{round_}"
            context = {"args": {"id": wanted}, "stash": {}}
            outcome = javascript.call("test.js", "request", "", context)
            if (outcome.value, outcome.stash) != (wanted, {"id": wanted}):
                wrong.append(outcome)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
