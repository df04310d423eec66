"""Whose an access key is, and what their policies allow, as the emulator has it.

Under AUTH=true the emulator gives every function a session of its execution role, with keys that
follow from the function's and the role's ARNs; they are derived here again. Otherwise all
functions sign with one and the same key, the account's number: that key then stands for any of
the stack's functions, and may do what any one of their roles may do.

The operator's own keys are the account's root. On AWS root may call everything; here its keys are
known to everybody, so it is refused unless `--allow-root` says otherwise.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from tools.appsync.identity import IamIdentity
from tools.appsync.sigv4 import Credential

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient

_ACTION = "appsync:GraphQL"
_CACHE_TTL_SECONDS = 30.0
_MIN_REFRESH_INTERVAL_SECONDS = 2.0


class Permissions(Protocol):
    """Decides whether an IAM caller may read a root field. Thread-safe."""

    def allows(self, identity: IamIdentity, field_arn: str) -> bool:
        """Whether a policy allows appsync:GraphQL on the field."""


class EmulatorPermissions:
    """Asks the emulator's IAM, and remembers the answer for a while."""

    def __init__(
        self,
        iam: "IAMClient",
        *,
        allow_root: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._iam = iam
        self._allow_root = allow_root
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    def allows(self, identity: IamIdentity, field_arn: str) -> bool:
        """See Permissions."""
        if identity.is_root:
            return self._allow_root
        return any(self._allowed(source, field_arn) for source in identity.policy_sources)

    def _allowed(self, source: str, field_arn: str) -> bool:
        asked_at, allowed = self._known.get((source, field_arn), (float("-inf"), False))
        if self._clock() - asked_at > _CACHE_TTL_SECONDS:
            allowed = self._simulate(source, field_arn)
            self._known[source, field_arn] = (self._clock(), allowed)
        return allowed

    def _simulate(self, source: str, field_arn: str) -> bool:
        try:
            answer = self._iam.simulate_principal_policy(
                PolicySourceArn=source, ActionNames=[_ACTION], ResourceArns=[field_arn]
            )
        except ClientError:
            return False
        results = answer["EvaluationResults"]
        return bool(results) and all(each["EvalDecision"] == "allowed" for each in results)


class EmulatorCredentials:
    """The keys that the emulator hands out: root's, and those of the stack's functions."""

    def __init__(
        self,
        functions: "LambdaClient",
        function_names: Callable[[], Sequence[str]],
        *,
        account_id: str,
        root: tuple[str, str],
        sessions: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the stack's functions anew at each look-up.

        `root` is an access key and its secret; `sessions` is whether AUTH=true.
        """
        self._functions = functions
        self._names = function_names
        self._account = account_id
        self._root_key, self._secret = root
        self._sessions = sessions
        self._clock = clock
        self._known: dict[str, Credential] = {}
        self._asked_at = float("-inf")
        self._lock = Lock()

    def find(self, access_key_id: str) -> Credential | None:
        """See CredentialSource."""
        if access_key_id == self._root_key:
            return self._as_root(access_key_id)
        with self._lock:
            age = self._clock() - self._asked_at
            unknown = access_key_id not in self._known
            if age > _CACHE_TTL_SECONDS or (unknown and age > _MIN_REFRESH_INTERVAL_SECONDS):
                self._known = self._ask()
                self._asked_at = self._clock()
            return self._known.get(access_key_id)

    def _as_root(self, access_key_id: str) -> Credential:
        return Credential(
            access_key_id=access_key_id,
            secret_access_key=self._secret,
            session_token=None,
            account_id=self._account,
            user_arn=f"arn:aws:iam::{self._account}:root",
            user_id=self._account,
            is_root=True,
        )

    def _ask(self) -> dict[str, Credential]:
        """Look up the functions' roles: a deployment may change those, but not the names."""
        found = [
            (version["FunctionArn"], version["FunctionName"], version["Role"])
            for name in self._names()
            for version in self._versions(name)
        ]
        if self._sessions:
            credentials = [self._session(*each) for each in found]
            return {each.access_key_id: each for each in credentials}
        roles = tuple(sorted({role for _, _, role in found}))
        shared = Credential(
            access_key_id=self._account,
            secret_access_key=self._secret,
            session_token=None,
            account_id=self._account,
            user_arn=f"arn:aws:sts::{self._account}:assumed-role/functions/lambda",
            user_id=f"{self._account}:lambda",
            policy_sources=roles,
        )
        return {self._account: shared}

    def _versions(self, name: str) -> list[dict[str, str]]:
        try:
            versions = self._functions.list_versions_by_function(FunctionName=name)["Versions"]
        except ClientError:
            return []
        return [
            {key: str(version.get(key, "")) for key in ("FunctionArn", "FunctionName", "Role")}
            for version in versions
        ]

    def _session(self, function_arn: str, name: str, role_arn: str) -> Credential:
        """Derive the session that the emulator gives a function under AUTH=true."""
        latest = function_arn.removesuffix(":$LATEST")
        digest = hashlib.sha256(f"{latest}:{role_arn}".encode()).hexdigest()
        role_name, session_name = role_arn.rsplit("/", 1)[-1], name[:64]
        return Credential(
            access_key_id=f"ASIA{digest[:16].upper()}",
            secret_access_key=hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
            session_token=hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
            account_id=self._account,
            user_arn=f"arn:aws:sts::{self._account}:assumed-role/{role_name}/{session_name}",
            user_id=f"{role_name}:{session_name}",
            policy_sources=(role_arn,),
        )
