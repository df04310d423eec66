"""The user pool, over Amazon Cognito."""
