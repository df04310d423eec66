"""The dynamodb of recommender."""
