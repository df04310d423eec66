"""GetTokensFromRefreshToken, an operation that boto3 knows since 1.38.

The functions use the runtime's boto3, which is not pinned (docs/adr/0060), so the request is made
here. Cognito asks for no signature: the refresh token and the client's secret are the proof.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

OPERATION = "GetTokensFromRefreshToken"


def get_tokens_from_refresh_token(
    cognito: CognitoIdentityProviderClient, **parameters: str
) -> AuthenticationResultTypeTypeDef | None:
    """Return new tokens, at the address and with the timeouts of a client.

    Raises ClientError and botocore's errors of connections, as the client does.
    """
    config: Any = cognito.meta.config
    timeouts: Any = (config.connect_timeout, config.read_timeout)
    session = URLLib3Session(timeout=timeouts)
    request = AWSRequest(
        method="POST",
        url=f"{cognito.meta.endpoint_url}/",
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{OPERATION}",
        },
        data=json.dumps(parameters).encode(),
    )
    response = session.send(request.prepare())
    body = _read(response.content)
    if response.status_code != 200:  # noqa: PLR2004 - HTTP's success
        code = str(body.get("__type", response.status_code)).rpartition("#")[2]
        raise ClientError({"Error": {"Code": code, "Message": ""}}, OPERATION)
    tokens: AuthenticationResultTypeTypeDef | None = body.get("AuthenticationResult")
    return tokens


def _read(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:  # a proxy's page, for example
        return {}
    return body if isinstance(body, dict) else {}
