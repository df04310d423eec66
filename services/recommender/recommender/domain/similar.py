"""Titles like one: what its favourers like besides, and what is about the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from recommender.domain.answers import Recommendation, Recommendations, Source
from recommender.domain.bitmap import Members
from recommender.domain.candidates import Admission, barred_by, gather, voices
from recommender.domain.diversity import arrange
from recommender.domain.model import Model
from recommender.domain.profile import analyse
from recommender.domain.scoring import Scored, Scorer
from recommender.domain.shelf import Shelf
from recommender.domain.taste import Liked, Taste
from recommender.domain.titles import TitleFacts, TitleKey, Titles, TitlesUnavailable
from recommender.domain.tuning import TUNED, Tuning

SPARE = 10
_BEST_OF_EACH = 100
_ALIKE = replace(TUNED, standing=0.0, sameness=0.0, pool_content=60)
"""No likeness in being well known, and no diversity: what is most alike comes first."""


def similar(
    key: TitleKey,
    *,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    projection: Titles | None,
    catalogue: Titles | None,
) -> Recommendations | None:
    """Answer titles like one, of the same media type; None when no layer knows that title."""
    learnt = Source.CONTENT if model is None or model.number(key) is None else Source.MODEL
    for titles, source in ((projection, learnt), (catalogue, Source.CATALOGUE)):
        if titles is None:
            continue
        try:
            items = _like(key, limit, exclude, model, titles)
        except TitlesUnavailable:
            continue
        if items is not None:
            version = model.version if model and source is not Source.CONTENT else None
            return Recommendations(items, source, version)
    return None


def _like(
    key: TitleKey,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    titles: Titles,
) -> tuple[Recommendation, ...] | None:
    if model is not None and model.number(key) is not None:
        ranked = _ranked(key, limit + SPARE, exclude, model, _ALIKE)
        wanted = [one.portrait.traits.key for one in ranked]
        facts: Mapping[TitleKey, TitleFacts] = titles.facts([key, *wanted])
    else:
        own = titles.facts([key]).get(key)
        if own is None:
            return None
        found = {key: own}
        for genre in own.genre_ids or (None,):
            found |= {one.key: one for one in titles.best(key.media_type, genre, _BEST_OF_EACH)}
        ranked, facts = _ranked(key, limit, exclude, Shelf(found.values()), _ALIKE), found
    name = facts[key].title if key in facts else "this title"
    shown = [one for one in ranked if one.portrait.traits.key in facts][:limit]
    return tuple(
        Recommendation(facts[one.portrait.traits.key], one.parts, f"Similar to {name}", key)
        for one in shown
    )


def _ranked(
    key: TitleKey, places: int, exclude: frozenset[TitleKey], model: Model, tuning: Tuning
) -> list[Scored]:
    profile = analyse(Taste(favourites=(Liked(key),)), model, tuning)
    spoken = voices(profile, model)
    media_types = frozenset({key.media_type})
    admission = Admission.of(model, media_types, barred_by(model, {key, *exclude}), ())
    loudest = spoken.loudest(Members(admission.bitmap))
    scorer = Scorer(profile, (), spoken.strength, loudest, tuning)
    pool = gather(admission, profile, spoken, wishes=(), media_types=media_types, tuning=tuning)
    return arrange([scorer.score(n, model.portrait(n)) for n in pool], places, tuning.sameness)
