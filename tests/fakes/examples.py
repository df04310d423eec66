"""How many examples Hypothesis tries where the profile's number is not the right one."""

import os

HYPOTHESIS_PROFILE = "MATINEE_HYPOTHESIS"
"""The variable that asks for more examples: "thorough" before a release, "quick" by default."""

THOROUGH = os.environ.get(HYPOTHESIS_PROFILE) == "thorough"
MANY = 2_000


def examples(quick: int) -> int:
    """Return so many, or the many of a thorough run."""
    return MANY if THOROUGH else quick
