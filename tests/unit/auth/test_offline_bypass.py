"""The offline bypass is for unit tests only: no configuration enables it."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth import bootstrap
from auth.domain.account import Account
from auth.handlers import account, profile, session, usernames
from matinee.principal import ACCESS_SCOPE
from tests.unit.auth.fakes import CALLER, AuthApp, signed_in_as
from tests.unit.auth.test_auth_bootstrap import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ROOT / "services"
EVENTS = ROOT / "events" / "auth"
SIGNED_IN_ROUTES: dict[str, ModuleType] = {
    "SessionFunction.http.signout": session,
    "UsernamesFunction.http.take": usernames,
    "ProfileFunction.http.get": profile,
    "AccountFunction.http.delete": account,
}
TEMPTING = dict.fromkeys(
    (
        "IS_OFFLINE", "OFFLINE", "IS_LOCAL", "LOCAL", "AWS_SAM_LOCAL", "SKIP_AUTH", "NO_AUTH",
        "AUTH_DISABLED", "DISABLE_AUTH", "BYPASS_AUTH", "JWT_BYPASS", "UNSAFE", "DEBUG", "TESTING",
        "PYTEST_CURRENT_TEST", "POWERTOOLS_DEV", "EMULATOR", "AUTO_CONFIRM",
    ),
    "true",
) | {"STAGE": "local", "NODE_ENV": "development", "ENV": "test", "USER_ID": "sub-1"}  # fmt: skip


class Context(LambdaContext):
    function_name = "Function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:Function"
    aws_request_id = "UZk2ljpfDoEEMRw="


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthApp]:
    app = AuthApp(auto_confirm=True)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in (
        "refresh_session",
        "sign_out",
        "change_username",
        "edit_profile",
        "delete_account",
    ):
        monkeypatch.setattr(bootstrap, name, lambda name=name: getattr(app, name))
    _forget()
    yield app
    _forget()


def _forget() -> None:
    bootstrap.edge.cache_clear()
    for module in SIGNED_IN_ROUTES.values():
        module.handler.cache_clear()


def _answer(sample: str, *, claims: bool = False) -> int:
    """The status that a deployed function returns for a request, by default without claims."""
    event = json.loads((EVENTS / f"{sample}.json").read_text())
    if not claims:
        del event["requestContext"]["authorizer"]
    answer = SIGNED_IN_ROUTES[sample].handler(event, Context())
    status: int = answer["statusCode"]
    return status


@pytest.mark.parametrize("sample", SIGNED_IN_ROUTES)
def test_with_the_bypass_a_unit_test_needs_no_token(app: AuthApp, sample: str) -> None:
    ann = app.sign_up.register("ann@example.com", "Popcorn4two", "ann", CALLER)
    event = json.loads((EVENTS / f"{sample}.json").read_text())
    del event["requestContext"]["authorizer"]
    api = SIGNED_IN_ROUTES[sample].build(signed_in_as(Account(ann.user_id)))
    assert api.handle(event, Context())["statusCode"] == 200


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("sample", SIGNED_IN_ROUTES)
def test_a_deployed_function_requires_verified_claims(sample: str) -> None:
    assert _answer(sample) == 401


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("sample", SIGNED_IN_ROUTES)
def test_no_tempting_variable_enables_the_bypass(
    monkeypatch: pytest.MonkeyPatch, sample: str
) -> None:
    for name, value in TEMPTING.items():
        monkeypatch.setenv(name, value)
    _forget()
    assert _answer(sample) == 401


def read_variables() -> set[str]:
    """Every environment variable for which one of our settings models has a field."""
    from matinee.settings import Settings  # noqa: PLC0415 - with all its subclasses

    def below(model: type[Settings]) -> set[str]:
        own = {name.upper() for name in model.model_fields}
        return own.union(*(below(kind) for kind in model.__subclasses__()))

    return below(Settings)


@pytest.mark.parametrize("sample", SIGNED_IN_ROUTES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.sampled_from(["true", "1", "yes", "on", "local", "test", "*"]))
def test_no_variable_that_is_read_enables_the_bypass(
    app: AuthApp,  # noqa: ARG001 - its environment
    sample: str,
    value: str,
) -> None:
    with pytest.MonkeyPatch.context() as environment:
        for name in read_variables():
            environment.setenv(name, value)
        _forget()
        assert _answer(sample) == 401


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": ""},
        {"sub": "sub-1"},
        {"sub": "sub-1", "token_use": "id"},
        {"sub": "sub-1", "token_use": "access"},
        {"sub": None, "token_use": "access", "scope": ACCESS_SCOPE},
        {"sub": ["sub-1"], "token_use": "access", "scope": ACCESS_SCOPE},
    ],
)
@pytest.mark.parametrize("sample", SIGNED_IN_ROUTES)
def test_refuses_claims_of_other_than_access_tokens(sample: str, claims: dict[str, object]) -> None:
    event = json.loads((EVENTS / f"{sample}.json").read_text())
    event["requestContext"]["authorizer"]["jwt"]["claims"] = claims
    answer = SIGNED_IN_ROUTES[sample].handler(event, Context())
    assert answer["statusCode"] == 401


def test_only_settings_read_the_environment() -> None:
    readers = set()
    for file in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            if name in {"environ", "environb", "getenv", "getenvb"}:
                readers.add(file.relative_to(SERVICES).as_posix())
    assert readers == {"shared/matinee/settings.py"}


def test_no_deployed_module_knows_the_bypass() -> None:
    for file in SERVICES.rglob("*.py"):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("tests"), file
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "build":
                assert not node.args, file
                assert not node.keywords, file


@pytest.mark.usefixtures("app")
def test_accepts_the_claims_of_an_access_token() -> None:
    assert _answer("SessionFunction.http.signout", claims=True) == 200
