"""The s3 of recommender."""
