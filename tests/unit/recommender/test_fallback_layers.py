"""Each fallback layer is used, and named, when the one above it is unavailable."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest

from matinee.media import MediaType, TitleKey
from recommender.domain.model import Model
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendations, Source
from recommender.domain.requests import ResolvedRequest
from recommender.domain.static_fallback import STATIC_FALLBACK
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleFacts, TitleStore, TitlesUnavailable
from tests.fakes.discovery import Discovery
from tests.fakes.films import MOVIE, NOW, TV, InMemoryTitles, cinema, learnt, liked

FILMS = frozenset({MOVIE})
WESTERNS = [t for t in cinema() if t.key.media_type is MOVIE and 37 in t.genre_ids]
TASTE = Taste(favourites=tuple(liked(title, n) for n, title in enumerate(WESTERNS[:6])))
ITS_LISTS = ResolvedRequest(FILMS, 10, favourites=TASTE.favourites)


def served(
    request: ResolvedRequest = ITS_LISTS,
    taste: Taste | None = TASTE,
    *,
    model: Model | None = None,
    projection: TitleStore | None = None,
    catalogue: TitleStore | None = None,
    now: datetime = NOW,
) -> Recommendations:
    """Recommend with what is available."""
    return recommend(
        request, taste, model=model, projection=projection, catalogue=catalogue, now=now
    )


def westerns(answer: Recommendations) -> int:
    """Count the westerns of a list."""
    return sum(37 in item.facts.genre_ids for item in answer.items)


def test_uses_the_model_when_everything_is_available() -> None:
    answer = served(
        model=learnt(), projection=InMemoryTitles(cinema()), catalogue=InMemoryTitles(cinema())
    )

    assert (answer.source, answer.model_version) == (Source.MODEL, "v1")
    assert westerns(answer) >= 5


def test_falls_back_to_content_without_a_model() -> None:
    answer = served(projection=InMemoryTitles(cinema()), catalogue=InMemoryTitles(cinema()))

    assert (answer.source, answer.model_version) == (Source.CONTENT, None)
    assert len(answer.items) == 10
    assert westerns(answer) >= 5
    assert not {item.key for item in answer.items} & {entry.key for entry in TASTE.favourites}
    assert any(item.reason.startswith("Because you liked ") for item in answer.items)


def test_ranks_by_popularity_without_model_and_taste() -> None:
    answer = served(ResolvedRequest(FILMS, 10), Taste(), projection=InMemoryTitles(cinema()))

    mean = sum(item.facts.vote_average for item in answer.items) / 10
    assert mean > sum(title.vote_average for title in cinema()) / len(cinema())
    assert sum(item.facts.popularity for item in answer.items) / 10 > 25


def test_falls_back_to_the_lists_of_the_request() -> None:
    answer = served(taste=None, model=learnt(), projection=InMemoryTitles(cinema()))

    assert answer.source is Source.REQUEST
    assert westerns(answer) >= 5
    assert not {item.key for item in answer.items} & {entry.key for entry in TASTE.favourites}


@pytest.mark.parametrize("model", [True, False], ids=["with a model", "without one"])
@pytest.mark.parametrize("projection", [InMemoryTitles(closed=True), InMemoryTitles(), None])
def test_falls_back_to_the_catalogue_without_titles(
    projection: InMemoryTitles | None, model: bool
) -> None:  # noqa: FBT001 - two cases
    answer = served(
        model=learnt() if model else None, projection=projection, catalogue=InMemoryTitles(cinema())
    )

    assert answer.source is Source.CATALOGUE
    assert len(answer.items) == 10
    assert westerns(answer) >= 5


@pytest.mark.parametrize("media", [MOVIE, TV])
@pytest.mark.parametrize("model", [True, False], ids=["with a model", "without one"])
def test_falls_back_to_the_static_list(media: MediaType, model: bool) -> None:  # noqa: FBT001 - two cases
    request = ResolvedRequest(frozenset({media}), 10)

    answer = served(
        request,
        None,
        model=learnt() if model else None,
        projection=InMemoryTitles(closed=True),
        catalogue=InMemoryTitles(closed=True),
    )

    assert answer.source is Source.BUILT_IN
    assert len(answer.items) == 10
    assert {item.key.media_type for item in answer.items} == {media}


def test_the_static_list_respects_exclude_and_own_lists() -> None:
    films = [title for title in STATIC_FALLBACK if title.key.media_type is MOVIE]
    shown = frozenset(title.key for title in films[:-3])

    answer = served(ResolvedRequest(FILMS, 10, shown, favourites=(liked(films[-1]),)), None)

    assert {item.key for item in answer.items} == {films[-2].key, films[-3].key}
    all_titles = frozenset(title.key for title in films)
    assert served(ResolvedRequest(FILMS, 10, all_titles), None).items == ()


def test_the_static_list_respects_preferences() -> None:
    request = ResolvedRequest(FILMS, 5, preferences={"releaseYearEnd": 1980})

    years = {
        item.facts.release_date.year
        for item in served(request, None).items
        if item.facts.release_date
    }

    assert max(years) <= 1980


def test_falls_back_when_a_store_fails_half_way() -> None:
    class Flickering(InMemoryTitles):
        def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
            self.closed = True
            return super().facts(keys)

    answer = served(
        model=learnt(), projection=Flickering(cinema()), catalogue=InMemoryTitles(cinema())
    )

    assert answer.source is Source.CATALOGUE
    assert len(answer.items) == 10


@pytest.mark.parametrize("model", [True, False], ids=["with a model", "without one"])
def test_falls_back_to_the_real_catalog_client(
    model: bool,  # noqa: FBT001 - two cases
) -> None:
    discovery = Discovery(titles_of=cinema(), takes=0.05)

    answer = served(
        model=learnt() if model else None,
        projection=InMemoryTitles(closed=True),
        catalogue=discovery.titles(),
    )

    assert (answer.source, answer.model_version) == (Source.CATALOGUE, None)
    assert len(answer.items) == 10
    assert westerns(answer) >= 5
    assert not {item.key for item in answer.items} & {entry.key for entry in TASTE.favourites}


def test_the_catalogue_layer_takes_genres_from_the_model() -> None:
    nameless = Taste(favourites=tuple(liked(title.key) for title in WESTERNS[:6]))
    discovery = Discovery(titles_of=cinema())

    served(
        ResolvedRequest(FILMS, 10),
        nameless,
        model=learnt(),
        projection=InMemoryTitles(closed=True),
        catalogue=discovery.titles(),
    )

    assert [one["genreIds"] for one in discovery.asked] == [[37], []]


def test_shows_what_the_catalogue_returned_before_it_failed() -> None:
    both = ResolvedRequest(None, 10, favourites=TASTE.favourites)
    whole, failing = Discovery(titles_of=cinema()), Discovery(titles_of=cinema(), fails_from=2)
    slow = Discovery(titles_of=cinema(), takes=2.4)

    for discovery in (whole, failing, slow):
        answer = served(both, projection=InMemoryTitles(closed=True), catalogue=discovery.titles())
        assert answer.source is Source.CATALOGUE
        assert len(answer.items) == 10

    assert [len(discovery.asked) for discovery in (whole, failing, slow)] == [4, 2, 1]


def test_uses_the_model_when_new_titles_are_unavailable() -> None:
    class NothingNew(InMemoryTitles):
        def new(self, media_type: MediaType, limit: int) -> tuple[()]:  # noqa: ARG002 - the port's
            raise TitlesUnavailable

    answer = served(model=learnt(), projection=NothingNew(cinema()), catalogue=None)

    assert answer.source is Source.MODEL
    assert len(answer.items) == 10
    assert not any(item.new for item in answer.items)
