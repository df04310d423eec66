"""S3: the store of models."""
