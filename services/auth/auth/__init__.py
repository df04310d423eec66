"""Auth: accounts in the Cognito user pool, and the profiles and usernames of their users."""
