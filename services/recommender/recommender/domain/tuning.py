"""The figures of scoring: found with `python -m tools.evaluate.tune`, as docs/adr/0041 tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Points, weights and sizes. The seed's caps (30, 30, 40, diversity 10) are not among them."""

    half_life: float = 15.0
    """After so many newer favourites, one counts half of what ages."""
    old: float = 0.1
    """What the oldest favourite still counts, the latest being 1."""
    watchlist: float = 0.3
    """What an entry of the watchlist counts, a favourite being 1."""
    wished_genres: float = 1.0
    """What the genres stated weigh in the profile, those of all favourites being 1."""

    neighbours: float = 40.0
    """Points of personalization for the title for which the favourites speak most."""
    keywords: float = 30.0
    """Points for keywords just as in the profile."""
    people: float = 20.0
    """Points for directors and cast just as in the profile."""
    standing: float = 60.0
    """Points for standing, with somebody of whom nothing is known."""
    popularity_half_life: float = 1.0
    """With so many favourites, standing counts half."""
    genre_curve: float = 6.0
    """The higher, the sooner some likeness of genres gives nearly all points."""
    quality_curve: float = 2.5
    """The higher, the sooner some quality gives nearly all points."""
    similarity_penalty: float = 0.5
    """Points of diversity lost for each title above that has just the same genres."""

    pool: int = 200
    """Titles that are scored for one request."""
    pool_wishes: int = 50
    """Places of the pool for what was wished for."""
    pool_content: int = 30
    """Places of the pool for titles with the profile's people and keywords."""


TUNED = Tuning()
