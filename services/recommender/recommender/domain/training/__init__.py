"""Learning from everybody's favourites: numpy is needed here and nowhere else.

`Counts.changed(changes)` keeps how often titles are favourites together; `train(counts, titles)`
makes of them, and of the titles' facts, the object that `recommender.adapters.model_file` reads.
"""
