"""The repository of titles: the latest snapshot of each, until it expires."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.media import MediaType
from matinee.questionnaire import Maturity
from recommender.adapters.dynamodb.titles import (
    INDEX_CACHE_TTL_SECONDS,
    MAX_RELEASE_AGE,
    NOVELTY_PERIOD,
    TitleRepository,
)
from recommender.domain.titles import TitleFacts, TitleSnapshot, TitlesUnavailable
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.recommender import movie, title, tv
from tests.integration.recommender.stores import TITLES

WHOLE = TitleFacts(
    key=tv(1396),
    title="Breaking Bad",
    overview="A teacher turns to crime.",
    poster_path="/p.jpg",
    backdrop_path="/b.jpg",
    release_date=date(2008, 1, 20),
    genre_ids=(18, 80),
    original_language="en",
    popularity=412.5,
    vote_average=8.9,
    vote_count=14000,
    runtime=47,
    keywords=("drug dealer", "cancer"),
    directors=("Vince Gilligan",),
    cast=("Bryan Cranston", "Aaron Paul"),
    maturity=Maturity.ADULTS,
)
MOVIE = MediaType.MOVIE


@pytest.fixture
def titles(dynamodb: DynamoDBClient, now: FakeClock) -> TitleRepository:
    return fresh(dynamodb, now)


def fresh(client: DynamoDBClient, now: FakeClock) -> TitleRepository:
    """Return the titles as a new process sees them."""
    return TitleRepository(TITLES, client, now=now, timer=lambda: now().timestamp())


def cached(facts: TitleFacts, at: datetime = NOON, days: float = 180) -> TitleSnapshot:
    return TitleSnapshot(facts, at, at + timedelta(days=days))


def test_stores_a_title_with_all_its_facts(titles: TitleRepository) -> None:
    assert titles.upsert(cached(WHOLE))

    assert titles.facts([WHOLE.key, movie(1396)]) == {WHOLE.key: WHOLE}
    assert list(titles.list_all()) == [WHOLE]


def test_stores_a_title_with_few_facts(titles: TitleRepository) -> None:
    bare = TitleFacts(movie(7), "Untold")

    titles.upsert(cached(bare))

    assert titles.facts([bare.key]) == {bare.key: bare}


def test_a_later_snapshot_replaces_the_title(titles: TitleRepository) -> None:
    later = TitleFacts(WHOLE.key, "Breaking Bad", genre_ids=(18,))
    titles.upsert(cached(later, NOON + timedelta(hours=1)))

    assert not titles.upsert(cached(WHOLE))
    assert not titles.upsert(cached(WHOLE, NOON + timedelta(hours=1)))

    assert titles.facts([WHOLE.key]) == {WHOLE.key: later}
    titles.upsert(cached(WHOLE, NOON + timedelta(hours=2)))
    titles.upsert(cached(later, NOON + timedelta(hours=3)))
    assert titles.facts([WHOLE.key]) == {WHOLE.key: later}


def test_returns_no_expired_titles(titles: TitleRepository, now: FakeClock) -> None:
    titles.upsert(cached(WHOLE, days=1))
    titles.upsert(cached(title(tv(2)), days=3))

    now.advance(days=2)

    assert set(titles.facts([WHOLE.key, tv(2)])) == {tv(2)}
    assert [facts.key for facts in titles.list_all()] == [tv(2)]
    assert [facts.key for facts in titles.best(MediaType.TV, None, 5)] == [tv(2)]


def test_reads_a_hundred_titles_in_one_request(
    titles: TitleRepository, dynamodb: DynamoDBClient
) -> None:
    for number in range(1, 101):
        titles.upsert(cached(title(movie(number))))
    calls: list[str] = []
    dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name)
    )

    assert len(titles.facts([movie(number) for number in range(1, 101)])) == 100

    assert calls == ["BatchGetItem"]


def test_returns_the_best_of_a_genre_by_quality(titles: TitleRepository) -> None:
    good = title(movie(1), vote_average=8.0, genre_ids=(18, 28))
    better = title(movie(2), vote_average=8.5, genre_ids=(28,))
    unproven = title(movie(3), vote_average=10.0, vote_count=2, genre_ids=(28,))
    other = title(movie(4), vote_average=9.0, genre_ids=(35,))
    series = title(tv(5), vote_average=9.9, genre_ids=(28,))
    for facts in (good, better, unproven, other, series):
        titles.upsert(cached(facts))

    assert [facts.key for facts in titles.best(MOVIE, 28, 10)] == [movie(2), movie(1), movie(3)]
    assert [facts.key for facts in titles.best(MOVIE, None, 2)] == [movie(4), movie(2)]


def test_caches_an_index_for_a_minute(
    titles: TitleRepository, dynamodb: DynamoDBClient, now: FakeClock
) -> None:
    titles.upsert(cached(title(movie(1))))
    titles.best(MOVIE, None, 5)
    calls: list[str] = []
    dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name)
    )

    titles.best(MOVIE, None, 5)
    assert calls == []

    now.advance(seconds=INDEX_CACHE_TTL_SECONDS + 1)
    titles.best(MOVIE, None, 5)
    assert calls == ["Query", "BatchGetItem"]


def test_new_titles_were_released_and_first_seen_lately(
    dynamodb: DynamoDBClient, now: FakeClock
) -> None:
    titles = fresh(dynamodb, now)
    lately, long_ago = now().date() - timedelta(days=9), now().date() - MAX_RELEASE_AGE
    titles.upsert(cached(title(movie(1), release_date=long_ago)))
    titles.upsert(cached(title(movie(2), release_date=None)))
    titles.upsert(cached(title(movie(3), release_date=lately)))
    now.advance(days=1)
    titles.upsert(cached(title(movie(4), release_date=lately)))
    titles.upsert(cached(title(tv(5), release_date=lately)))

    assert [facts.key for facts in titles.new(MOVIE, 5)] == [movie(4), movie(3)]

    now.advance(days=NOVELTY_PERIOD.days)
    again = cached(replace(title(movie(3), release_date=lately)), now())
    titles.upsert(again)
    assert [facts.key for facts in fresh(dynamodb, now).new(MOVIE, 5)] == []


def test_raises_when_the_table_fails(now: FakeClock) -> None:
    with mock_aws():
        titles = TitleRepository(TITLES, boto3.client("dynamodb"), now=now)

        with pytest.raises(TitlesUnavailable):
            titles.facts([movie(1)])
        with pytest.raises(TitlesUnavailable):
            titles.best(MOVIE, None, 5)
        with pytest.raises(TitlesUnavailable):
            titles.new(MOVIE, 5)
