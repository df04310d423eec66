"""Auth: accounts in the Cognito user pool, and the profiles and usernames of their users."""

VERSION = "0.1.0"
"""The release that GET /status names. A test compares it with pyproject.toml."""
