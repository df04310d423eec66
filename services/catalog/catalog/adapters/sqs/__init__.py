"""The work queue in SQS."""
