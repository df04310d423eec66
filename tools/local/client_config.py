"""What clients of the running product are configured with: a shell, front ends, an editor."""

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tools.local.patience import patient_sync_client
from tools.local.settings import ACCOUNT

type Description = Mapping[str, Any]
"""The content of stack.json."""

# Settings of a shell that would lead the aws CLI elsewhere, or sign with other keys.
_MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")


class NoTokenError(Exception):
    """The demo user could not be signed in; the message says why."""


def demo_token(stack: Description) -> str:
    """Sign the demo user in; return the access token. Raises NoTokenError."""
    user = stack.get("demo_user")
    if not user:
        raise NoTokenError("There is no demo user: see what make run said when it started.")
    try:
        with patient_sync_client() as http:
            answer = http.post(f"{stack['rest_url']}/auth/signin", json=dict(user))
    except httpx.HTTPError as error:
        raise NoTokenError(f"The demo user cannot sign in: {error}") from error
    if answer.is_error:
        raise NoTokenError(
            f"The demo user cannot sign in: {answer.status_code} {answer.text[:200]}"
        )
    return str(answer.json()["AccessToken"])


def exports(stack: Description, token: str) -> str:
    """Return a shell's commands for README's examples, the aws CLI and sam."""
    values = {
        "REST": stack["rest_url"],
        "GRAPHQL": stack["graphql_url"],
        "REALTIME": stack["realtime_url"],
        "GRAPHQL_TLS": stack["graphql_tls_url"],
        "NODE_EXTRA_CA_CERTS": stack["ca_file"],
        "HOST": urlsplit(stack["graphql_url"]).netloc,
        "TOKEN": token,
        "AWS_ENDPOINT_URL": stack["emulator_url"],
        "AWS_REGION": stack["region"],
        "AWS_DEFAULT_REGION": stack["region"],
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join([*lines, f"unset {' '.join(_MISLEADING)}"]) + "\n"


def amplify(stack: Description) -> str:
    """Return what `Amplify.configure` takes, as JSON: with TLS, as its subscriptions need it."""
    region = stack["region"]
    configuration = {
        "Auth": {
            "Cognito": {
                "userPoolId": stack["user_pool_id"],
                "userPoolClientId": stack["client_id"],
                "userPoolEndpoint": stack["emulator_url"],
                "loginWith": {"email": True},
            }
        },
        "API": {
            "GraphQL": {
                "endpoint": stack["graphql_tls_url"],
                "region": region,
                "defaultAuthMode": "userPool",
            },
            "REST": {"matinee": {"endpoint": stack["rest_url"], "region": region}},
        },
    }
    return json.dumps(configuration, indent=2) + "\n"


def dotenv(stack: Description) -> str:
    """Return variables for a front end's .env, each for Vite as well."""
    values = {
        "MATINEE_REST_URL": stack["rest_url"],
        "MATINEE_GRAPHQL_URL": stack["graphql_url"],
        "MATINEE_REALTIME_URL": stack["realtime_url"],
        "MATINEE_GRAPHQL_TLS_URL": stack["graphql_tls_url"],
        "MATINEE_REGION": stack["region"],
        "MATINEE_USER_POOL_ID": stack["user_pool_id"],
        "MATINEE_USER_POOL_CLIENT_ID": stack["client_id"],
        "MATINEE_COGNITO_URL": stack["emulator_url"],
    }
    return "".join(
        f"{prefix}{name}={value}\n" for name, value in values.items() for prefix in ("", "VITE_")
    )


def requests(stack: Description) -> str:
    """Return a file of requests for the REST Client of Visual Studio Code."""
    user = json.dumps(stack.get("demo_user") or {"email": "", "password": ""})
    return f"""\
@rest = {stack["rest_url"]}
@graphql = {stack["graphql_url"]}
@token = {{{{signin.response.body.AccessToken}}}}

### Sign in: the requests below take the token from here
# @name signin
POST {{{{rest}}}}/auth/signin
Content-Type: application/json

{user}

### The lists of the catalogue
GET {{{{rest}}}}/media?listType=popular&mediaType=movie&limit=3

### Search
GET {{{{rest}}}}/media/search?q=night

### Add a favourite
POST {{{{rest}}}}/user/favourites
Authorization: Bearer {{{{token}}}}
Content-Type: application/json

{{"mediaId": "25647", "mediaType": "movie"}}

### Recommendations
GET {{{{rest}}}}/recommendations?mediaType=both&limit=6
Authorization: Bearer {{{{token}}}}

### Open a room
POST {{{{graphql}}}}
Authorization: {{{{token}}}}
X-Request-Type: GraphQL

mutation {{
  createRoom(input: {{mediaType: MOVIE, genreIds: [28, 35]}}) {{
    id
    code
    candidates {{ id title }}
  }}
}}
"""


FILES: Mapping[str, Callable[[Description], str]] = {
    "amplify.json": amplify,
    "client.env": dotenv,
    "matinee.http": requests,
}
"""The files of a client, by name."""


def write_files(stack: Description, folder: Path) -> list[Path]:
    """Write each file into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in FILES.items():
        path = folder / name
        path.write_text(content(stack), encoding="utf-8")
        written.append(path)
    return written
