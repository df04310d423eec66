"""TMDB and a work queue for the refresh's tests, and titles to be found there."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.domain import (
    Details,
    Enrichment,
    Facts,
    ListKey,
    PageTask,
    Provider,
    Title,
    TitlePage,
)
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey

PAGE = 20
FACTS = Facts(101, ("paris",), ("Léo Quesnel",), ("Inès Valcourt",))


def film(id_: int, *genre_ids: int, media_type: MediaType = MediaType.MOVIE) -> Title:
    """Return a title whose fields follow from its id."""
    return Title(
        id=id_,
        media_type=media_type,
        title=f"Film {id_}",
        overview=f"What happens in film {id_}.",
        poster_path=f"/{id_}.jpg",
        release_date="2019-05-01",
        vote_average=7.1,
        vote_count=100 + id_,
        genre_ids=genre_ids or (18, 35),
        original_language="en",
        adult=False,
        popularity=1000.5 - id_,
    )


@dataclass
class FakeTitleStore:
    """A `Tmdb` whose lists are given, and which counts what it is asked for.

    The details of those in `adult` say so, whatever their lists say. `says` is how many pages there
    are, according to single ones. `providers` are those of single titles, of others unknown.

    `fails` is asked before each request, by its name, and raises what the request ends with.
    """

    lists: Mapping[ListKey, Sequence[Title]]
    gone: set[int] = field(default_factory=set)
    adult: set[int] = field(default_factory=set)
    says: dict[str, int] = field(default_factory=dict)
    providers: dict[int, Mapping[str, tuple[Provider, ...]]] = field(default_factory=dict)
    fails: Callable[[str], None] = lambda _: None
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        return self.asked.total()

    def page(self, task: PageTask) -> TitlePage:
        name = f"{task.key.name} {task.page}"
        self._ask(name)
        titles = self.lists[task.key]
        start = (task.page - 1) * PAGE
        pages = self.says.get(name, max(1, -(-len(titles) // PAGE)))
        return TitlePage(tuple(titles[start : start + PAGE]), pages, len(titles))

    def details(self, wanted: Sequence[TitleKey]) -> Enrichment:
        known = {
            TitleKey(title.media_type, title.id): title
            for titles in self.lists.values()
            for title in titles
        }
        found: dict[TitleKey, Details] = {}
        gone: set[TitleKey] = set()
        fault: Exception | None = None
        for one in wanted:
            try:
                self._ask(f"{one.media_type} {one.id}")
            except OSError as error:
                fault = fault or error
                continue
            if one.id in self.gone:
                gone.add(one)
            else:
                title = replace(known[one], adult=known[one].adult or one.id in self.adult)
                found[one] = Details(title, replace(FACTS, providers=self.providers.get(one.id)))
        return Enrichment(found, frozenset(gone), fault)

    def _ask(self, name: str) -> None:
        self.asked[name] += 1
        self.fails(name)


@dataclass
class FakeWorkQueue:
    """A `WorkQueue` that keeps what it is sent, for a test to deliver."""

    waiting: deque[tuple[PageTask, Trace]] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.waiting)

    def send(self, pages: Sequence[PageTask], trace: Trace) -> None:
        self.waiting.extend((page, trace) for page in pages)
