"""What all tests over AWS's clients share."""

from collections.abc import Iterator
from functools import cache

import botocore.session
import moto.core.responses
import pytest


@pytest.fixture(scope="session", autouse=True)
def _what_is_read_of_aws_is_kept() -> Iterator[None]:
    """Keep the services' models, and moto's list of what it can do: each test would read anew."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (botocore.session, "create_loader"),
            (moto.core.responses, "method_names_from_class"),
        ):
            patch.setattr(module, name, cache(getattr(module, name)))
        yield
