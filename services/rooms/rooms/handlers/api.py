"""RoomsApiFunction: the fields of the GraphQL API."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.graphql import resolve
from matinee.observability import entry_point
from rooms.api.resolvers import resolvers
from rooms.bootstrap import use_cases


@entry_point(prepare=use_cases)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Resolve one field of one GraphQL request."""
    return resolve(event, resolvers(use_cases()))
