"""Benchmarks: what a vote costs, how soon a match is notified, how few swipes it takes to agree.

    python -m bench             all of them
    python -m bench votes       one of them

Each prints its tables and writes what it has printed to bench/results/<name>.md, and the figures
to bench/results/<name>.json. Nothing else writes there.
"""
