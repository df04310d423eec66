"""DynamoDB: items, transactions, batches and cursors."""
