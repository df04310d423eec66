"""The events of recommender."""
