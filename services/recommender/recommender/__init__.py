"""The recommender service: what a user may want to watch next, and why."""
