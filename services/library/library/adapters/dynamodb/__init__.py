"""The library's tables in DynamoDB."""
