"""What lists show of a title comes from its request, else from the catalogue, else a later one."""

from dataclasses import replace
from functools import partial

import pytest

from library.domain.titles import CachedTitle, Entry, ListName, Title
from library.events.published import EntryDescribed, FavouriteAdded
from library.use_cases.changes import Added
from library.use_cases.describe_titles import ProjectTitles
from matinee.media import MediaType
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, LibraryApp, bare, film
from tests.fakes.schedule import Order, Task, every_order

FAVOURITES = ListName.FAVOURITES


@pytest.fixture
def library() -> LibraryApp:
    return LibraryApp()


def shown(library: LibraryApp, name: ListName = FAVOURITES) -> list[Title]:
    return [entry.title for entry in library.lists[name].page("ann", 10, None).entries]


@pytest.mark.parametrize("name", list(ListName))
def test_the_catalogue_tells_what_a_request_does_not(library: LibraryApp, name: ListName) -> None:
    library.facts.known[film().key] = film()

    added = library.lists[name].add("ann", bare(), TRACE)

    assert added == Added(Entry(film(), NOON), new=True)
    assert shown(library, name) == [film()]
    [event] = library.tables.outbox
    assert event.data.model_dump(include={"title", "genre_ids"}) == {
        "title": "Film 550",
        "genre_ids": [18, 53],
    }


def test_what_a_request_says_of_a_title_stays(library: LibraryApp) -> None:
    library.facts.known[film().key] = film()
    own = replace(bare(), title="El club de la lucha", poster_path="/es.jpg")

    library.favourites.add("ann", own, TRACE)

    assert shown(library) == [replace(own, genre_ids=(18, 53))]


def test_a_whole_title_is_not_looked_up(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.favourites.page("ann", 10, None)

    assert library.facts.asked == []


def test_titles_added_together_are_looked_up_at_once(library: LibraryApp) -> None:
    entries = [Entry(bare(number), NOON) for number in range(1, 41)]

    library.favourites.add_all("ann", [*entries, Entry(film(41), NOON)], TRACE)

    assert [len(keys) for keys in library.facts.asked] == [40]


def test_a_title_is_stored_bare_while_nothing_can_be_asked(library: LibraryApp) -> None:
    library.facts.is_down = True

    assert library.favourites.add("ann", bare(), TRACE).new
    assert shown(library) == [bare()]


def test_a_list_shows_what_the_catalogue_learnt_later(library: LibraryApp) -> None:
    library.favourites.add("ann", bare(), TRACE)
    library.favourites.add("ann", bare(550, MediaType.TV), TRACE)
    library.facts.known[film().key] = film()

    assert {title.key.media_type: title.title for title in shown(library)} == {
        MediaType.MOVIE: "Film 550",
        MediaType.TV: None,
    }
    assert {
        entry.title.title for entry in library.export("ann", None).lists[ListName.FAVOURITES]
    } == {"Film 550", None}


@pytest.mark.parametrize("name", [ListName.FAVOURITES, ListName.WATCHLIST])
def test_a_later_request_fills_what_is_missing(library: LibraryApp, name: ListName) -> None:
    library.lists[name].add("ann", replace(bare(), overview="First."), TRACE)
    library.now.advance(hours=1)

    again = library.lists[name].add("ann", replace(film(), overview="Other."), TRACE)

    whole = replace(film(), overview="First.")
    assert again == Added(Entry(whole, NOON), new=False)
    assert library.tables.entries("ann", name) == [again.entry]
    event = library.tables.outbox[-1].data
    assert isinstance(event, EntryDescribed)
    assert (event.title, event.genre_ids, event.added_at) == ("Film 550", [18, 53], NOON)


def test_filling_again_publishes_nothing(library: LibraryApp) -> None:
    library.favourites.add("ann", bare(), TRACE)
    for _ in range(2):
        library.favourites.add("ann", film(), TRACE)

    assert library.tables.published == ["FavouriteAdded", "FavouriteDescribed"]


def test_what_subscribers_do_not_see_is_filled_quietly(library: LibraryApp) -> None:
    library.favourites.add("ann", replace(film(), poster_path=None), TRACE)

    library.favourites.add("ann", film(), TRACE)

    assert shown(library) == [film()]
    assert library.tables.published == ["FavouriteAdded"]


def test_known_facts_are_not_replaced(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)

    library.favourites.add("ann", replace(film(), title="550", poster_path="/worse.jpg"), TRACE)

    assert shown(library) == [film()]


def test_concurrent_requests_fill_a_title_once() -> None:
    def scenario(order: Order) -> None:
        library = LibraryApp()
        library.favourites.add("ann", bare(), TRACE)
        posts = [replace(bare(), title="One"), replace(bare(), title="Two", genre_ids=(18,))]
        tasks = [
            Task(str(post.title), partial(library.favourites.add, "ann", post, TRACE))
            for post in posts
        ]
        order.run(tasks)

        assert not any(task.error for task in tasks)
        [title] = shown(library)
        assert title.genre_ids == (18,)
        described = [it.data for it in library.tables.outbox if isinstance(it.data, EntryDescribed)]
        assert described[-1].title == title.title == described[0].title
        assert described[-1].genre_ids == [18]

    assert every_order(scenario, 300) > 1


def test_a_title_moves_with_what_the_catalogue_told(library: LibraryApp) -> None:
    library.facts.known[film().key] = film()
    library.watchlist.add("ann", bare(), TRACE)

    library.move("ann", film().key, TRACE)

    assert shown(library) == [film()]
    assert isinstance(library.tables.outbox[-1].data, FavouriteAdded)


def test_a_later_snapshot_of_a_title_stays(library: LibraryApp) -> None:
    project = ProjectTitles(library.facts)
    later, earlier = (
        CachedTitle(replace(film(), title=name), at, NOON.replace(year=2030))
        for name, at in (("New", NOON), ("Old", NOON.replace(hour=1)))
    )

    project([later, earlier], {})

    assert library.facts.known[film().key].title == "New"
