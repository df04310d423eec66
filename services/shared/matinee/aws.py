"""Clients of AWS's services, made of botocore alone.

boto3's `client` is the same thing behind one more import: that of boto3 with its resources and its
file transfers, which no function of ours uses and every cold start would wait for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.session import Session, get_session

if TYPE_CHECKING:
    from boto3 import client
    from botocore.config import Config
    from botocore.credentials import Credentials
else:

    def client(service: str, *, config: Config | None = None) -> Any:  # noqa: ANN401 - see above
        """Answer a client of a service, as `boto3.client` would."""
        return _session().create_client(service, config=config)


def credentials() -> Credentials | None:
    """Answer what the function's role signs with; it is renewed as it ages."""
    return _session().get_credentials()


@cache
def _session() -> Session:
    """Answer the one session: it keeps what it has read of the services' models."""
    return get_session()


__all__ = ["client", "credentials"]
