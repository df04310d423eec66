"""The recommender service: the next film or series for one person."""
