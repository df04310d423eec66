"""The adapters of recommender."""
