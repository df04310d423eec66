"""What all tests over AWS's clients share."""

from collections.abc import Iterator
from functools import cache

import botocore.session
import moto.core.responses
import pytest

from tests.fakes.moto_tables import serialize_attributes_by_key


@pytest.fixture(scope="session", autouse=True)
def _moto_is_spared() -> Iterator[None]:
    """Keep what is read of AWS's models, and serialize attributes by their own names."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (botocore.session, "create_loader"),
            (moto.core.responses, "method_names_from_class"),
        ):
            patch.setattr(module, name, cache(getattr(module, name)))
        serialize_attributes_by_key(patch)
        yield
