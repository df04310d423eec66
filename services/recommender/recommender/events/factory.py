"""The mapping from a published model to its event."""

from uuid import NAMESPACE_URL, uuid5

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from recommender.domain.training_state import ModelManifest
from recommender.events.published import ModelTrained


def model_trained(manifest: ModelManifest) -> Envelope[Contract]:
    """Create the event of a model that is served; the same model has the same event."""
    if manifest.version is None or manifest.trained_at is None:
        message = "a manifest without a model has no event"
        raise ValueError(message)
    key = f"model-trained:{manifest.version}"
    event_id = str(uuid5(NAMESPACE_URL, f"urn:matinee:recommender:{key}"))
    data = ModelTrained(
        model_version=manifest.version,
        trained_at=manifest.trained_at,
        users=manifest.users,
        titles=manifest.titles,
        favourites=manifest.favourites,
    )
    return create_envelope(
        data,
        event_id=event_id,
        occurred_at=manifest.trained_at,
        trace=Trace(event_id),
        idempotency_key=key,
    )
