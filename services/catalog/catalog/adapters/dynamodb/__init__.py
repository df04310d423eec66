"""Repositories in DynamoDB."""
