"""The functions of the recommender: translations only."""
