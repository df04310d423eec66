"""Auth: how people come in. Accounts live in the user pool, their profiles in UserProfiles."""

VERSION = "0.1.0"
"""The release that GET /status names; the same as in pyproject.toml, which a test sees to."""
