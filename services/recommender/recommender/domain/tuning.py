"""The parameters of scoring: found with `python -m tools.evaluate.tune`, see docs/adr/0041."""

from dataclasses import dataclass

from matinee.media import PRIOR_MEAN


@dataclass(frozen=True, slots=True)
class Tuning:
    """Points, weights and sizes. The seed's caps (30, 30, 40, diversity 10) are not among them."""

    recency: float = 2.0
    """The oldest favourite weighs exp(-recency), the latest 1."""
    watchlist: float = 0.3
    """Weight of an entry of the watchlist, and of a yes in a room, a favourite being 1."""
    liked: float = 0.5
    """Weight of a seen title that was liked, a favourite being 1."""
    disliked: float = -0.5
    """Weight of a seen title that was disliked: it counts against what is like it."""
    dismissed: float = -0.25
    """Weight of a dismissed title: half a step against what is like it."""
    stated_genres: float = 1.0
    """Weight of the stated genres in the profile, those of all favourites being 1."""

    neighbours: float = 40.0
    """Points for the title that the favourites recommend most."""
    keywords: float = 30.0
    """Points for the same keywords as the profile's."""
    people: float = 20.0
    """Points for the same directors and cast as the profile's."""
    prior: float = 0.9
    """Weight of popularity in the score of a user of whom nothing is known, the parts being 1."""
    prior_fades: float = 4.0
    """With so many more favourites known, that weight is divided by e."""
    preference_knowledge: float = 6.0
    """A soft preference says as much of a user as so many favourites."""
    genre_curve: float = 6.0
    """The higher, the sooner some likeness of genres gives nearly all points."""
    quality_curve: float = 2.5
    """The higher, the sooner some quality gives nearly all points."""
    similarity_penalty: float = 0.5
    """Points of diversity lost for each title above with the very same genres."""

    pool: int = 200
    """Candidates that are scored for one request."""
    pool_preferences: int = 50
    """Candidates that meet soft preferences."""

    genres_of_characters: float = 0.2
    """Weights of genres that an answer implies, a stated genre being 1."""
    genres_of_stories: float = 0.2
    genres_of_aesthetics: float = 0.3
    genres_of_moods: float = 0.5
    genres_of_subgenres: float = 0.3

    person_points: float = 24.0
    """Points for meeting a soft preference in full, by kind."""
    keyword_points: float = 20.0
    language_points: float = 14.0
    subgenre_points: float = 36.0
    mood_points: float = 12.0
    aesthetic_points: float = 14.0
    story_points: float = 16.0
    character_points: float = 16.0
    era_points: float = 12.0
    acclaim_points: float = 16.0
    discovery_points: float = 22.0
    runtime_points: float = 10.0
    international_points: float = 10.0
    media_type_points: float = 12.0
    genre_points: float = 14.0

    streaming_points: float = 8.0
    """Points for a title on one of the user's own platforms in their region: less than for meeting
    any preference about the title itself."""

    partial_keyword: float = 0.7
    """Fit of a title that has the keyword as one word of a longer one."""
    meaning_by_genre: float = 0.2
    """Share of the genres in an answer's fit; the rest is the keywords'."""
    missed_acclaim: float = -0.5
    """Fit of a title that is too well known, or not known enough, for what is preferred."""
    some_foreign: float = 0.5
    """Share of its acclaim by which a foreign title fits `someOpen`."""

    acclaim_from: float = PRIOR_MEAN
    """Weighted rating at which acclaim begins: a title without votes has none."""
    acclaim_full: float = 8.0
    hidden_popularity: float = 50.0
    """A hidden gem has less popularity and fewer votes."""
    hidden_votes: int = 3000
    cult_popularity: tuple[float, float] = (20.0, 80.0)
    trending_popularity: float = 100.0
    classic_years: tuple[int, int] = (1920, 1979)
    new_release_ages: tuple[int, int] = (5, 3)
    """Ages in years at which a title's fit as a new release is 0, and 1."""
    dubbed_votes: int = 1000
    """A foreign title with so many votes has most probably been dubbed."""


TUNED = Tuning()
