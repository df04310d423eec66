"""The tables, over Amazon DynamoDB."""
