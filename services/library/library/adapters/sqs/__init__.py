"""The library's own queues in SQS."""
