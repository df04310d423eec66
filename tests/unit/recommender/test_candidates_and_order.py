"""Quick forms of sums and orders give what their plain definitions give."""

from collections import defaultdict
from dataclasses import replace
from itertools import islice
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.domain.candidates import Ranking, collaborative_scores
from recommender.domain.diversity import MAX_DIVERSITY_POINTS, rerank
from recommender.domain.profile import MAX_PROFILE_ENTRIES, build_profile
from recommender.domain.reasons import find_reason
from recommender.domain.recommendation import ScoreBreakdown
from recommender.domain.scoring import ScoredTitle
from recommender.domain.taste import Taste
from recommender.domain.tuning import TUNED
from tests.fakes.films import cinema, film, learnt, liked

MODEL = learnt()
PENALTY = TUNED.similarity_penalty


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 199), max_size=40, unique=True))
def test_scores_are_the_sums_over_the_favourites(favourites: list[int]) -> None:
    taste = Taste(tuple(liked(cinema()[n], age) for age, n in enumerate(favourites)))
    profile = build_profile(taste, MODEL, TUNED)
    sums: defaultdict[int, float] = defaultdict(float)
    for entry in profile.entries:
        assert entry.number is not None
        for number, strength in MODEL.neighbours(entry.number).items():
            sums[number] += entry.weight * strength

    found = collaborative_scores(profile, MODEL)

    assert {number: found.scores[number] for number in found.ranked} == sums
    ranked = [sums[number] for number in found.ranked]
    assert ranked == sorted(ranked, reverse=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 3000), st.randoms(use_true_random=False))
def test_a_ranking_is_sorted_however_far_it_is_read(size: int, levels: int, draw: Random) -> None:
    scores = [draw.randrange(levels) - levels / 3 for _ in range(size)]
    titles = [number for number, score in enumerate(scores) if score]
    wanted = sorted(titles, key=scores.__getitem__, reverse=True)

    ranking = Ranking(scores, titles)

    assert list(islice(ranking, 50)) == wanted[:50]
    assert list(ranking) == wanted
    assert list(ranking) == wanted


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 199), min_size=1, max_size=40, unique=True))
def test_a_reason_is_the_favourite_that_recommends_most(favourites: list[int]) -> None:
    taste = Taste(tuple(liked(cinema()[n], age) for age, n in enumerate(favourites)))
    profile = build_profile(taste, MODEL, TUNED)
    found = collaborative_scores(profile, MODEL)
    for number in islice(found.ranked, 3):
        title = ScoredTitle(number, MODEL.vector(number), ScoreBreakdown(1, 1, 1), 3)
        points = {
            entry.entry.key: entry.weight * MODEL.neighbours(entry.number).get(number, 0.0)
            for entry in profile.entries
            if entry.number is not None
        }

        reason = find_reason(title, profile, (), found.rows, TUNED)

        assert reason.entry is not None
        assert points[reason.entry.entry.key] == max(points.values())


def test_favourites_beyond_the_latest_change_no_profile() -> None:
    latest = [liked(title, age) for age, title in enumerate(cinema()[:MAX_PROFILE_ENTRIES])]
    older = [liked(title, 500 + age) for age, title in enumerate(cinema()[MAX_PROFILE_ENTRIES:])]
    assert older

    profile = build_profile(Taste((*older, *latest)), MODEL, TUNED)

    assert profile == build_profile(Taste(tuple(latest)), MODEL, TUNED)
    assert [one.entry for one in profile.entries] == latest


def _plainly(candidates: list[ScoredTitle], places: int) -> list[ScoredTitle]:
    """Return the list by its definition: each place goes to whoever has most points then."""
    chosen: list[ScoredTitle] = []
    left = list(candidates)
    while left and len(chosen) < places:
        extra = {one.key: MAX_DIVERSITY_POINTS for one in left}
        for one in left:
            for above in chosen:
                own, others = one.vector.traits.genres, above.vector.traits.genres
                extra[one.key] -= PENALTY * len(own & others) / (len(own | others) or 1)
        best = max(left, key=lambda one: one.score + max(0.0, extra[one.key]))
        parts = replace(best.parts, diversity=max(0.0, extra[best.key]))
        chosen.append(replace(best, parts=parts))
        left.remove(best)
    return chosen


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3000).map(lambda n: n * 0.0101234567),
            st.sets(st.sampled_from([28, 12, 16, 35, 80]), max_size=3),
        ),
        min_size=1,
        max_size=30,
        unique_by=lambda one: one[0],
    ),
    st.integers(1, 12),
)
def test_grouped_reranking_gives_the_defined_list(
    titles: list[tuple[float, set[int]]], places: int
) -> None:
    vector = MODEL.vector(0)
    candidates = [
        ScoredTitle(
            n,
            replace(
                vector,
                traits=film(n + 1, genre_ids=tuple(sorted(genres))).traits(),
                genre_bits=sum(1 << genre for genre in genres),
            ),
            ScoreBreakdown(points, 0.0, 0.0),
            points,
        )
        for n, (points, genres) in enumerate(titles)
    ]

    found, wanted = rerank(candidates, places, PENALTY), _plainly(candidates, places)

    totals = [[one.score + one.parts.diversity for one in each] for each in (found, wanted)]
    assert all(abs(a - b) < 1e-9 for a, b in zip(*totals, strict=True))
    assert len({one.key for one in found}) == len(found) == min(places, len(candidates))
