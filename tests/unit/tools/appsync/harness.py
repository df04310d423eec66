"""An API of our own on an endpoint in memory: its keys, its functions, clients for both sides."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage
from types import TracebackType
from typing import Any, Self

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jwt
from starlette.applications import Starlette

from matinee.principal import TokenUse
from tools.appsync.api import AuthMode, DataSource, GraphqlApi, Resolver
from tools.appsync.app import create_app
from tools.appsync.authentication import Authenticator
from tools.appsync.cognito import PoolTokens
from tools.appsync.functions import FunctionFailed
from tools.appsync.identity import IamIdentity
from tools.appsync.jwt import TokenVerifier
from tools.appsync.service import Definition, Limits
from tools.appsync.sigv4 import Credential, SignatureVerifier

REGION = "eu-west-1"
ACCOUNT = "000000000000"
HOST = "127.0.0.1:4567"
URL = f"http://{HOST}/graphql"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/eu-west-1_pool"
ARN = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/api1"
NOTIFIER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/notifier"

SDL = """
schema { query: Query mutation: Mutation subscription: Subscription }

enum Kind { MOVIE TV }

type Film { id: Int!  title: String!  year: Int  seen: AWSDateTime  secret: String @aws_iam }

type Room { id: ID!  code: String!  kind: Kind!  films: [Film!]!  note(loud: Boolean): String }

type News @aws_iam @aws_cognito_user_pools {
  userId: ID!  roomId: ID!  title: String!  poster: String  kind: Kind  facts: AWSJSON
}

input RoomInput { kind: Kind!  genres: [Int!]! = [] }

type Query {
  room(id: ID!, limit: Int = 10, after: ID): Room @aws_cognito_user_pools(cognito_groups: ["Users"])
  mustRoom(id: ID!): Room! @aws_cognito_user_pools(cognito_groups: ["Users"])
  anyone: String
  when(at: AWSDateTime, facts: AWSJSON): String
  forBoth: Room @aws_iam @aws_cognito_user_pools
  unresolved: String
}

type Mutation {
  open(input: RoomInput!): Room @aws_cognito_user_pools(cognito_groups: ["Users"])
  tell(userId: ID!, title: String, poster: String): News @aws_iam
}

type Subscription {
  news(userId: ID!): News
    @aws_subscribe(mutations: ["tell"]) @aws_cognito_user_pools(cognito_groups: ["Users"])
  allNews(userId: ID, kind: Kind): News
    @aws_subscribe(mutations: ["tell"]) @aws_cognito_user_pools @aws_iam
}
"""

LAMBDA_JS = """
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return { operation: 'Invoke', payload: {
    arguments: ctx.args, identity: ctx.identity, source: ctx.source,
    request: ctx.request, info: ctx.info,
  } };
}

export function response(ctx) {
  if (ctx.error) {
    util.error('Something went wrong on our side.', 'InternalError');
  }
  const { data, error } = ctx.result;
  if (error) {
    util.error(error.message, error.type, error.data, error.info);
  }
  return data;
}
"""

OWN_ONLY_JS = """
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  if (ctx.identity.sub !== ctx.args.userId) {
    util.unauthorized();
  }
  return { payload: null };
}

export function response(ctx) {
  return null;
}
"""


# -- the pool, and keys of AWS ------------------------------------------------------------------


class Pool:
    """A user pool that signs tokens. Making keys takes time: share it."""

    def __init__(self, key_id: str = "key-1") -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = key_id
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        # Read once: checking a private key takes longer than signing with it.
        self.private = jwk.construct(private.decode(), "RS256")
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public = public.decode()
        self.jwk = jwk.construct(self.public, "RS256").to_dict() | {"kid": key_id, "use": "sig"}

    def token(self, sub: str = "ann", groups: object = ("Users",), **claims: object) -> str:
        """Sign an access token of a member of Users; claims that are None are left out."""
        now = int(time.time())
        told: dict[str, object] = {
            "sub": sub,
            "iss": ISSUER,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "client_id": "apps",
            "username": sub,
            "cognito:groups": groups,
            "iat": now,
            "exp": now + 3600,
        } | claims
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(kept, self.private, "RS256", headers={"kid": self.key_id})


class Keys:
    """Access keys by id."""

    def __init__(self, *credentials: Credential) -> None:
        self._credentials = {each.access_key_id: each for each in credentials}

    def find(self, access_key_id: str) -> Credential | None:
        """See CredentialSource."""
        return self._credentials.get(access_key_id)


NOTIFIER = Credential(
    access_key_id="ASIANOTIFIER",
    secret_access_key="notifier-secret",
    session_token="notifier-token",
    account_id=ACCOUNT,
    user_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/notifier/fn",
    user_id="notifier:fn",
    policy_sources=(NOTIFIER_ROLE,),
)
OTHER_FUNCTION = Credential(
    access_key_id="ASIAOTHER",
    secret_access_key="other-secret",
    session_token=None,
    account_id=ACCOUNT,
    user_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/other/fn",
    user_id="other:fn",
    policy_sources=(f"arn:aws:iam::{ACCOUNT}:role/other",),
)


class Policies:
    """Permits the notifier's role to call `tell`, and nobody else anything."""

    def __init__(self) -> None:
        self.allowed = {
            (NOTIFIER_ROLE, f"{ARN}/types/Mutation/fields/tell"),
            (NOTIFIER_ROLE, f"{ARN}/types/Query/fields/forBoth"),
            (NOTIFIER_ROLE, f"{ARN}/types/Subscription/fields/allNews"),
        }

    def allows(self, identity: IamIdentity, field_arn: str) -> bool:
        """See Permissions."""
        return any((source, field_arn) in self.allowed for source in identity.policy_sources)


class _Signer(SigV4Auth):
    """botocore's signer, which can be made to forget a header."""

    leaving_out = ""

    def headers_to_sign(self, request: AWSRequest) -> HTTPMessage:
        headers = super().headers_to_sign(request)
        del headers[self.leaving_out]
        return headers


def sign(
    body: str | bytes,
    url: str = URL,
    credential: Credential = NOTIFIER,
    *,
    region: str = REGION,
    service: str = "appsync",
    headers: Mapping[str, str] | None = None,
    at: str | None = None,
    leaving_out: str = "",
) -> dict[str, str]:
    """Sign a POST as an AWS client does.

    `at` is another X-Amz-Date than now; `leaving_out` is a header that the signature, otherwise
    good, does not speak of.
    """
    keys = Credentials(
        credential.access_key_id, credential.secret_access_key, credential.session_token
    )
    request = AWSRequest(
        "POST", url, data=body, headers={"content-type": "application/json", **(headers or {})}
    )
    signer = _Signer(keys, service, region)
    signer.leaving_out = leaving_out
    if at is None:
        signer.add_auth(request)
    else:
        request.context["timestamp"] = at
        request.headers["X-Amz-Date"] = at
        if credential.session_token:
            request.headers["X-Amz-Security-Token"] = credential.session_token
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        signed = signer.signed_headers(signer.headers_to_sign(request))
        scope = f"{credential.access_key_id}/{signer.credential_scope(request)}"
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
        )
    return dict(request.headers.items())


# -- functions ----------------------------------------------------------------------------------

type Function = Callable[[dict[str, Any]], object]


class Functions:
    """Functions as Python callables; what they were given is kept."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answers: dict[str, Function] = {}

    def invoke(self, function_name: str, payload: object, *, wait: bool) -> object:
        """See FunctionInvoker."""
        assert isinstance(payload, dict)
        assert wait
        assert function_name == "the-function"
        self.calls.append(payload)
        info = payload["info"]
        answer = self.answers.get(info["fieldName"])
        if answer is None:
            raise FunctionFailed("Traceback: a secret of the inside")
        return json.loads(json.dumps(answer(payload)))


FILMS = [
    {"id": 1, "title": "Alien", "year": 1979, "seen": "2024-05-01T10:00:00.123Z", "secret": "x"},
    {"id": 2, "title": "Heat", "year": None, "seen": None, "secret": "y"},
]


def room(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return a room with the id that was asked for."""
    room_id = payload["arguments"].get("id", "r1")
    data = {"id": room_id, "code": "ABCDEF", "kind": "MOVIE", "films": FILMS, "note": "hi"}
    return {"data": data}


def news(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what was told, as an event."""
    arguments = payload["arguments"]
    return {
        "data": {
            "userId": arguments["userId"],
            "roomId": "r1",
            "title": arguments.get("title") or "Alien",
            "poster": arguments.get("poster"),
            "kind": "MOVIE",
            "facts": {"score": 1},
        }
    }


def an_api(**changes: object) -> GraphqlApi:
    """Define the API of these tests; keywords replace parts of it."""
    function = DataSource("Functions", "the-function")
    nowhere = DataSource("None")
    on_lambda = Resolver(function, LAMBDA_JS, "lambda.js")
    parts: dict[str, Any] = {
        "api_id": "api1",
        "arn": ARN,
        "region": REGION,
        "sdl": SDL,
        "resolvers": {
            **{
                ("Query", name): on_lambda
                for name in ("room", "mustRoom", "anyone", "when", "forBoth")
            },
            ("Mutation", "open"): on_lambda,
            ("Mutation", "tell"): on_lambda,
            ("Subscription", "news"): Resolver(nowhere, OWN_ONLY_JS, "own_only.js"),
        },
        "default_mode": AuthMode.COGNITO,
        "additional_modes": frozenset({AuthMode.IAM}),
        "user_pool_id": "eu-west-1_pool",
    }
    return GraphqlApi(**(parts | changes))


# -- the endpoint and its clients ---------------------------------------------------------------


@dataclass
class Endpoint:
    """A served API in this process, with the parts that a test changes or looks at."""

    app: Starlette
    pool: Pool
    functions: Functions
    policies: Policies
    published_keys: list[Mapping[str, Any]]
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")

    async def post(
        self, query: str, token: str | None = None, **variables: object
    ) -> httpx.Response:
        """Send a query as ann, or as the bearer of a token."""
        headers = {"Authorization": self.pool.token() if token is None else token}
        content = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=content, headers=headers)

    async def ask(
        self, query: str, token: str | None = None, **variables: object
    ) -> dict[str, Any]:
        """Send a query and return its JSON."""
        answer = await self.post(query, token, **variables)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def post_signed(
        self, query: str, credential: Credential = NOTIFIER, **variables: object
    ) -> httpx.Response:
        """Send a query with the notifier's signature, or another's."""
        body = json.dumps({"query": query, "variables": variables})
        headers = sign(body, credential=credential)
        return await self.http.post("/graphql", content=body, headers=headers)

    async def tell(self, user: str, selection: str = "userId roomId title", **more: object) -> None:
        """Publish news to a user, as the notifier."""
        query = f"""mutation T($userId: ID!, $title: String, $poster: String) {{
            tell(userId: $userId, title: $title, poster: $poster) {{ {selection} }} }}"""
        body = json.dumps({"query": query, "variables": {"userId": user} | more})
        answer = await self.http.post("/graphql", content=body, headers=sign(body))
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text

    def realtime(
        self,
        token: str | None = None,
        *,
        header: Mapping[str, object] | None = None,
        path: str = "/graphql/realtime",
    ) -> "RealtimeClient":
        """Make a client that authorizes itself in the query, as ann or with a token."""
        told = header or {"host": HOST, "Authorization": token or self.pool.token()}
        encoded = base64.b64encode(json.dumps(told).encode()).decode()
        return RealtimeClient(self.app, f"header={encoded}&payload=e30=", path=path)


class RealtimeClient:
    """A WebSocket client on the application itself: no socket, every wait has an end."""

    def __init__(
        self,
        app: Starlette,
        query: str = "",
        subprotocols: tuple[str, ...] = ("graphql-ws",),
        path: str = "/graphql/realtime",
    ) -> None:
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", HOST.encode())],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 4567),
            "subprotocols": list(subprotocols),
        }
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.accepted: MutableMapping[str, Any] = {}
        self.stalled = False

    async def __aenter__(self) -> Self:
        await self._to_app.put({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self._scope, self._to_app.get, self._take))
        self.accepted = await self._next()
        assert self.accepted["type"] == "websocket.accept"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._to_app.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, 5)

    async def _take(self, message: MutableMapping[str, Any]) -> None:
        while self.stalled:
            await asyncio.sleep(0.01)
        await self._from_app.put(message)

    async def _next(self, seconds: float = 5.0) -> MutableMapping[str, Any]:
        return await asyncio.wait_for(self._from_app.get(), seconds)

    async def send(self, message: object) -> None:
        """Send a message, or a text as it is."""
        text = message if isinstance(message, str) else json.dumps(message)
        await self._to_app.put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        await self._to_app.put({"type": "websocket.receive", "bytes": data})

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        message = await self._next()
        assert message["type"] == "websocket.send", message
        told: dict[str, Any] = json.loads(message["text"])
        return told

    async def closed(self) -> MutableMapping[str, Any]:
        """Return the close, which must be what comes next."""
        message = await self._next()
        assert message["type"] == "websocket.close", message
        return message

    async def ended(self) -> None:
        """Wait until the endpoint is done with this connection."""
        await asyncio.wait_for(asyncio.shield(self._task), 5)

    async def hears_nothing(self, seconds: float = 0.05) -> bool:
        """Return whether nothing arrives for a while."""
        try:
            message = await self._next(seconds)
        except TimeoutError:
            return True
        raise AssertionError(message)

    async def init(self) -> dict[str, Any]:
        """Send connection_init and return the answer, which a sign of life follows at once."""
        await self.send({"type": "connection_init"})
        answer = await self.receive()
        if answer["type"] == "connection_ack":
            assert await self.receive() == {"type": "ka"}
        return answer

    async def start(
        self,
        query: str,
        authorization: Mapping[str, object],
        subscription_id: str = "1",
        **variables: object,
    ) -> dict[str, Any]:
        """Start a subscription and return the answer."""
        data = json.dumps({"query": query, "variables": variables})
        await self.send(start_message(data, authorization, subscription_id))
        return await self.receive()


def start_message(
    data: str, authorization: Mapping[str, object], subscription_id: str = "1"
) -> dict[str, object]:
    """Build a start message."""
    extensions = {"authorization": dict(authorization)}
    payload = {"data": data, "extensions": extensions}
    return {"id": subscription_id, "type": "start", "payload": payload}


@asynccontextmanager
async def serve(
    pool: Pool,
    api: GraphqlApi | Definition | None = None,
    limits: Limits | None = None,
    client_id_pattern: str | None = None,
) -> AsyncIterator[Endpoint]:
    """Serve an API in this process."""
    functions, policies = Functions(), Policies()
    for name in ("room", "mustRoom", "forBoth", "open"):
        functions.answers[name] = room
    functions.answers["tell"] = news
    functions.answers["anyone"] = lambda _: {"data": "hello"}
    functions.answers["when"] = lambda payload: {"data": json.dumps(payload["arguments"])}
    published: list[Mapping[str, Any]] = [pool.jwk]
    verifier = TokenVerifier(
        issuer=ISSUER,
        token_uses=(TokenUse.ACCESS, TokenUse.ID),
        fetch_keys=lambda: {"keys": published},
    )
    authenticator = Authenticator(
        PoolTokens(verifier, client_id_pattern),
        SignatureVerifier(Keys(NOTIFIER, OTHER_FUNCTION), REGION),
    )
    app = create_app(
        api or an_api(),
        lambda _: authenticator,
        functions,
        policies,
        limits,
    )
    endpoint = Endpoint(app, pool, functions, policies, published)
    try:
        yield endpoint
    finally:
        await endpoint.http.aclose()
        app.state.service.close()
