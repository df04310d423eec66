"""The use_cases of recommender."""
