"""From a trained model to the event that tells of it: the one place that knows both."""

from uuid import NAMESPACE_URL, uuid5

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from recommender.events.consumed import ModelTrained
from recommender.ports import ModelManifest


def model_trained(pointer: ModelManifest) -> Envelope[Contract]:
    """Tell that a model is served; the same model has the same event, however often it is told."""
    if pointer.version is None or pointer.trained_at is None:
        message = "a pointer without a model tells of none"
        raise ValueError(message)
    key = f"model-trained:{pointer.version}"
    event_id = str(uuid5(NAMESPACE_URL, f"urn:matinee:recommender:{key}"))
    data = ModelTrained(
        model_version=pointer.version,
        trained_at=pointer.trained_at,
        users=pointer.users,
        titles=pointer.titles,
        favourites=pointer.favourites,
    )
    return create_envelope(
        data,
        event_id=event_id,
        occurred_at=pointer.trained_at,
        trace=Trace(event_id),
        idempotency_key=key,
    )
