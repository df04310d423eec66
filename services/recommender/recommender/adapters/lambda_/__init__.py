"""The lambda_ of recommender."""
