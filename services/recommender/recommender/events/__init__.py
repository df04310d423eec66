"""The events that the recommender publishes and consumes."""
