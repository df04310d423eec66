"""The contracts of this checkout, as the contract tests have them."""

from tests.contract.conftest import project

__all__ = ["project"]
