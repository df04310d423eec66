"""The api of recommender."""
