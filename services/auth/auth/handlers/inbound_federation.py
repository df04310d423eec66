"""InboundFederationFunction: before the user pool stores what Google says of a user."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.trigger_schemas import federated_attributes as read_event
from auth.bootstrap import filter_federated_address
from matinee.observability import entry_point


@entry_point(prepare=filter_federated_address)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Return the event with the attributes that may be mapped."""
    attributes = filter_federated_address().attributes_to_map(read_event(event))
    event["response"]["userAttributesToMap"] = attributes
    return event
