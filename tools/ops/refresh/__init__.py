"""Refreshes the catalogue of the running product, and shows how far it is.

python -m tools.ops.refresh                    trending, popular and top_rated, 20 pages each
python -m tools.ops.refresh --everything       and a list of every genre
python -m tools.ops.refresh --pages 2          fewer pages: a first catalogue in a few seconds
"""
