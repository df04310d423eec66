"""The recommender's ports in memory, and a trainer that counts pairs."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import combinations
from typing import Any

from matinee.events.contract import Contract, Envelope
from matinee.media import MediaType, TitleKey
from recommender.adapters.dynamodb.training_log import LEASE_TTL
from recommender.domain.errors import AccountDeleted
from recommender.domain.preferences import Preferences
from recommender.domain.taste import ListEntry, Swipe, Taste, TasteList
from recommender.domain.title_vector import Facet, TitleVector
from recommender.domain.titles import TitleFacts, TitleSnapshot, TitlesUnavailable
from recommender.domain.training_state import (
    CorruptObject,
    CountedFavourites,
    DirtyUser,
    Keys,
    ManifestConflict,
    ModelManifest,
    StoredObject,
)
from recommender.ports import TastesUnavailable
from tests.fakes.clock import FakeClock, FakeIds


def movie(number: int) -> TitleKey:
    """Return a film's key."""
    return TitleKey(MediaType.MOVIE, number)


def tv(number: int) -> TitleKey:
    """Return a series' key."""
    return TitleKey(MediaType.TV, number)


def title(key: TitleKey, **facts: Any) -> TitleFacts:  # noqa: ANN401 - any of its fields
    """Return a title with ordinary facts."""
    plain: dict[str, Any] = {
        "title": f"Title {key.id}",
        "overview": "It goes on.",
        "poster_path": f"/{key.id}.jpg",
        "genre_ids": (18,),
        "popularity": 10.0,
        "vote_average": 7.0,
        "vote_count": 500,
    }
    return TitleFacts(key, **(plain | facts))


@dataclass
class FakeTastes:
    """Users' tastes as adapters.dynamodb.tastes keeps them. `marks` are the trainer's."""

    now: FakeClock = field(default_factory=FakeClock)
    new_id: FakeIds = field(default_factory=FakeIds)
    unreadable: bool = False

    def __post_init__(self) -> None:
        self.entries: dict[tuple[str, TasteList, TitleKey], ListEntry] = {}
        self.removed: dict[tuple[str, TasteList, TitleKey], datetime] = {}
        self.stated: dict[str, tuple[int, Mapping[str, object]]] = {}
        self.swipes: dict[tuple[str, TitleKey, str], Swipe] = {}
        self.blocked: set[str] = set()
        self.counts_of: dict[str, CountedFavourites] = {}
        self.marks: dict[str, str] = {}

    def get(self, user_id: str) -> Taste:
        if self.unreadable:
            raise TastesUnavailable
        lists: dict[TasteList, list[ListEntry]] = {which: [] for which in TasteList}
        for (owner, which, _), entry in self.entries.items():
            if owner == user_id:
                lists[which].append(entry)
        for (owner, key, _), swipe in self.swipes.items():
            if owner == user_id and swipe.yes:
                lists[TasteList.SWIPES].append(ListEntry(key, swipe.at))
        _, stated = self.stated.get(user_id, (0, {}))
        taste = Taste(
            tuple(lists[TasteList.FAVOURITES]),
            tuple(lists[TasteList.WATCHLIST]),
            Preferences.from_mapping(stated),
            tuple(lists[TasteList.SEEN]),
            tuple(lists[TasteList.DISMISSED]),
            tuple(lists[TasteList.SWIPES]),
        )
        if taste == Taste():
            self.require_account(user_id)
        return taste

    def require_account(self, user_id: str) -> None:
        if self.unreadable:
            raise TastesUnavailable
        if user_id in self.blocked:
            raise AccountDeleted

    def add_entry(self, user_id: str, which: TasteList, entry: ListEntry) -> bool:
        place = (user_id, which, entry.key)
        known = [
            moment
            for moment in (
                self.removed.get(place),
                self.entries[place].added_at if place in self.entries else None,
            )
            if moment
        ]
        added_at = entry.added_at or self.now()
        if user_id in self.blocked or any(added_at <= moment for moment in known):
            return False
        self.entries[place] = replace(entry, added_at=added_at)
        self._mark(user_id, which)
        return True

    def remove_entry(
        self, user_id: str, which: TasteList, key: TitleKey, added_at: datetime
    ) -> bool:
        place = (user_id, which, key)
        entry, before = self.entries.get(place), self.removed.get(place)
        later = entry is not None and entry.added_at is not None and entry.added_at > added_at
        if user_id in self.blocked or later or (before and before >= added_at):
            return False
        self.entries.pop(place, None)
        self.removed[place] = added_at
        self._mark(user_id, which)
        return True

    def update_preferences(
        self, user_id: str, version: int, preferences: Mapping[str, object]
    ) -> bool:
        if user_id in self.blocked or self.stated.get(user_id, (-1, {}))[0] >= version:
            return False
        self.stated[user_id] = (version, preferences)
        return True

    def put_swipe(self, user_id: str, swipe: Swipe) -> bool:
        place = (user_id, swipe.key, swipe.room_id)
        before = self.swipes.get(place)
        if user_id in self.blocked or (before and before.version >= swipe.version):
            return False
        self.swipes[place] = swipe
        return True

    def block(self, user_id: str) -> None:
        self.blocked.add(user_id)

    def erase(self, user_id: str) -> int:
        mine = [place for place in (*self.entries, *self.removed) if place[0] == user_id]
        for place in mine:
            self.entries.pop(place, None)
            self.removed.pop(place, None)
        for swiped in [place for place in self.swipes if place[0] == user_id]:
            del self.swipes[swiped]
        self.stated.pop(user_id, None)
        self._mark(user_id, TasteList.FAVOURITES)
        return len(mine)

    def favourites(self, user_id: str) -> Keys:
        return frozenset(
            key
            for owner, which, key in self.entries
            if owner == user_id and which is TasteList.FAVOURITES
        )

    def get_counted(self, user_id: str) -> CountedFavourites | None:
        return self.counts_of.get(user_id)

    def put_counted(self, user_id: str, counted: CountedFavourites) -> None:
        self.counts_of[user_id] = counted

    def delete_counted(self, user_id: str) -> None:
        self.counts_of.pop(user_id, None)

    def list_users(self) -> Iterator[str]:
        owners = {place[0] for place in (*self.entries, *self.removed)}
        yield from sorted(owners | self.stated.keys() | self.blocked | self.counts_of.keys())

    def _mark(self, user_id: str, which: TasteList) -> None:
        if which is TasteList.FAVOURITES:
            self.marks[user_id] = self.new_id()


@dataclass
class FakeLog:
    """The training log; the marks are those of the tastes."""

    tastes: FakeTastes
    outbox: list[Envelope[Contract]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lease: tuple[str, datetime] | None = None
        self.runs: set[str] = set()
        self.told: str | None = None

    def begin(self, run: str, now: datetime) -> Sequence[str] | None:
        if self.lease and now < self.lease[1]:
            return None
        self.lease = (run, now + LEASE_TTL)
        others = sorted(self.runs)
        self.runs.add(run)
        return others

    def confirm(self, runs: Iterable[str]) -> None:
        self.runs -= set(runs)

    def end(self, run: str) -> None:
        if self.lease and self.lease[0] == run:
            self.lease = None

    def list_dirty(self) -> Iterator[DirtyUser]:
        yield from [DirtyUser(user, token) for user, token in sorted(self.tastes.marks.items())]

    def mark_all_dirty(self, user_ids: Iterable[str]) -> int:
        users = list(user_ids)
        self.tastes.marks |= {user: self.tastes.new_id() for user in users}
        return len(users)

    def clear(self, changes: Iterable[DirtyUser]) -> None:
        for change in changes:
            if self.tastes.marks.get(change.user_id) == change.token:
                del self.tastes.marks[change.user_id]

    def published_version(self) -> str | None:
        return self.told

    def publish_once(self, version: str, event: Envelope[Contract]) -> None:
        if self.told != version:
            self.told = version
            self.outbox.append(event)


@dataclass
class FakeModelStore:
    """A bucket's objects, and its manifest."""

    objects: dict[str, bytes] = field(default_factory=dict)
    manifest: ModelManifest | None = None

    def current(self) -> ModelManifest | None:
        return self.manifest

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        manifest = self.manifest
        return None if manifest is None or manifest.etag == etag else manifest

    def read(self, stored: StoredObject) -> bytes:
        content = self.objects.get(stored.key, b"")
        if sha256(content).hexdigest() != stored.sha256:
            message = f"{stored.key} is not what was written"
            raise CorruptObject(message)
        return content

    def write(self, kind: str, name: str, content: bytes) -> StoredObject:
        stored = StoredObject(f"{kind}/{name}", sha256(content).hexdigest(), len(content))
        self.objects[stored.key] = content
        return stored

    def publish(self, manifest: ModelManifest) -> ModelManifest:
        current = self.manifest
        if (current.etag if current else None) != manifest.etag:
            raise ManifestConflict
        self.manifest = replace(manifest, etag=f'"{manifest.run}-{manifest.version}"')
        return self.manifest

    def prune(self, kept: ModelManifest) -> None:
        current = {stored.key for stored in (kept.model, kept.previous, kept.counts) if stored}
        self.objects = {key: self.objects[key] for key in self.objects if key in current}


class FakeCounts:
    """Co-occurrence counts in a Counter."""

    def __init__(self, pairs: Counter[str] | None = None) -> None:
        self.pairs = pairs or Counter()

    def changed(self, changes: Sequence[tuple[Keys, Keys]]) -> "FakeCounts":
        pairs = Counter(self.pairs)
        for before, after in changes:
            pairs.subtract(_pairs(before))
            pairs.update(_pairs(after))
        assert min(pairs.values(), default=0) >= 0, "counted out what was never counted in"
        return FakeCounts(+pairs)

    def to_bytes(self) -> bytes:
        return json.dumps(self.pairs).encode()


class FakeTrainer:
    """Trains a "model" that has the data it was trained on."""

    def empty(self) -> FakeCounts:
        return FakeCounts()

    def parse(self, content: bytes) -> FakeCounts:
        return FakeCounts(Counter(json.loads(content)))

    def train(
        self, data: FakeCounts, titles: Sequence[TitleFacts], version: str, trained_at: datetime
    ) -> bytes:
        return json.dumps(
            {
                "version": version,
                "titles": sorted(f"{title.key}" for title in titles),
                "counts": json.loads(data.to_bytes()),
                "at": trained_at.isoformat(),
            }
        ).encode()


def _pairs(keys: Keys) -> Iterable[str]:
    names = sorted(f"{key.media_type}{key.id}" for key in keys)
    return [*names, *map("+".join, combinations(names, 2))]


@dataclass
class FakeTitleStore:
    """A title store in memory. `asked` are the calls."""

    known: dict[TitleKey, TitleFacts] = field(default_factory=dict)
    provider_names: dict[int, str] = field(default_factory=dict)
    fails: bool = False
    asked: list[str] = field(default_factory=list)
    cached_at: dict[TitleKey, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, *titles: TitleFacts) -> "FakeTitleStore":
        return cls({title.key: title for title in titles})

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        self._called("facts")
        return {key: self.known[key] for key in keys if key in self.known}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        self._called("best")
        found = [
            title
            for title in self.known.values()
            if title.key.media_type is media_type
            and (genre_id is None or genre_id in title.genre_ids)
        ]
        return sorted(found, key=lambda title: -title.vote_average)[:limit]

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:  # noqa: ARG002
        self._called("new")
        return ()

    def list_all(self) -> Iterator[TitleFacts]:
        yield from self.known.values()

    def upsert(self, title: TitleSnapshot) -> bool:
        key = title.facts.key
        if key in self.cached_at and title.cached_at <= self.cached_at[key]:
            return False
        self.known[key], self.cached_at[key] = title.facts, title.cached_at
        return True

    def add_provider_names(self, names: Mapping[int, str]) -> None:
        self.provider_names |= names

    def _called(self, name: str) -> None:
        self.asked.append(name)
        if self.fails:
            raise TitlesUnavailable


@dataclass(frozen=True)
class FakeModel:
    """A model that knows titles by their place in a list."""

    keys: tuple[TitleKey, ...] = ()
    version: str = "fake"

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, key: TitleKey) -> int | None:
        return self.keys.index(key) if key in self.keys else None

    def key(self, number: int) -> TitleKey:
        return self.keys[number]

    def vector(self, number: int) -> TitleVector:
        raise NotImplementedError

    def idf(self, facet: Facet, value: int | str) -> float:  # noqa: ARG002
        return 0.0

    def neighbours(self, number: int) -> Mapping[int, float]:  # noqa: ARG002
        return {}

    def titles_with(self, facet: Facet, value: int | str) -> int:  # noqa: ARG002
        return 0


class Interrupted(Exception):
    """The process died here."""


class Interrupting:
    """Wraps a port and raises Interrupted before or after one of its calls."""

    def __init__(self, port: object, fuse: "Fuse") -> None:
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any port's
            self._fuse.burn()
            answer = method(*args, **kwargs)
            self._fuse.burn()
            return answer

        return call


@dataclass
class Fuse:
    """Counts steps down, and raises Interrupted at every step after the last."""

    length: int

    def burn(self) -> None:
        if self.length <= 0:
            raise Interrupted
        self.length -= 1


A_DAY = timedelta(days=1)
