"""The recommender's rules, of the standard library alone."""
