"""Nobody learns how somebody voted beyond what the room's rule makes plain.

An observer asks for everything that a participant can see, after every vote of the others. Two
evenings that the rule tells alike must look alike to them, word for word: then no guess from what
they saw is better than one without it.
"""

from collections.abc import Iterable, Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.graphql import resolve
from rooms.api.resolvers import resolvers
from tests.fakes.appsync import call, service_role, signed_in
from tests.fakes.examples import examples
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp

FILMS = (101, 102, 103, 104, 105, 106)
QUESTIONS = ("getRoom", "getRoomByCode", "deck", "myVotes", "roomMatches", "standings", "roomFeed")
SELECTED = ("candidates", "people", "people/name", "people/progress", "people/isPresent", "name")

type Cast = tuple[str, int, bool | None]
"""Who votes on what, and how."""

opinion = st.sampled_from((True, False, None))
film = st.sampled_from(FILMS)


def observed(users: Sequence[str], casts: Iterable[Cast]) -> list[object]:
    """Play an evening; return all that the first user sees before it and after every vote."""
    app = RoomsApp(catalog=FakeCatalogClient(films(len(FILMS))))
    app.scores.scores = {
        user: {movie_id: float(movie_id * (7 + place) % 10) for movie_id in FILMS}
        for place, user in enumerate(users)
    }
    room = app.room(*users)
    fields = resolvers(app.use_cases)
    received: list[object] = []

    def publish(room_id: str, seq: int, _: str) -> None:
        """Publish an entry to the first user, who is subscribed to the room's feed."""
        entry = {"input": {"roomId": room_id, "seq": seq}}
        received.append(resolve(call("publishRoomFeed", entry, identity=service_role()), fields))

    app.feed_publisher.on_publish = publish
    arguments: dict[str, dict[str, object]] = {
        "getRoom": {"id": room.id},
        "getRoomByCode": {"code": room.code},
        "deck": {"roomId": room.id, "limit": len(FILMS)},
    }

    def look() -> list[object]:
        return [
            resolve(
                call(
                    question,
                    arguments.get(question, {"roomId": room.id}),
                    identity=signed_in(users[0]),
                    selection=SELECTED,
                ),
                fields,
            )
            for question in QUESTIONS
        ] + [list(received)]

    seen = [look()]
    for user, movie_id, yes in casts:
        app.use_cases.cast_vote(user, room.id, movie_id, TRACE, yes=yes)
        app.deliver()
        app.tables.now.advance(seconds=1)
        seen.append(look())
    return list(seen)


@settings(max_examples=examples(40))
@given(
    mine=st.dictionaries(film, opinion),
    theirs=st.lists(st.tuples(film, st.booleans()), unique_by=lambda cast: cast[0]),
    otherwise=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_the_other_of_two_keeps_their_votes_secret(
    mine: dict[int, bool | None], theirs: list[tuple[int, bool]], otherwise: list[bool]
) -> None:
    """What the observer likes the rule makes plain: a match or none. All else stays unknown."""
    own: list[Cast] = [("ann", movie_id, yes) for movie_id, yes in mine.items()]
    evenings = [
        [
            *own,
            *(
                ("bob", movie_id, yes if mine.get(movie_id) else yes is not other)
                for (movie_id, yes), other in zip(theirs, flips, strict=False)
            ),
        ]
        for flips in ([False] * 8, otherwise)
    ]

    first, second = (observed(("ann", "bob"), casts) for casts in evenings)

    assert first == second


@settings(max_examples=examples(40))
@given(
    mine=st.dictionaries(film, opinion),
    opinions=st.dictionaries(film, st.tuples(st.booleans(), st.booleans()), min_size=1),
    turns=st.randoms(use_true_random=False),
    swapped=st.sets(film),
)
def test_which_of_two_others_liked_a_title_stays_unknown(
    mine: dict[int, bool | None],
    opinions: dict[int, tuple[bool, bool]],
    turns: Random,
    swapped: set[int],
) -> None:
    """Both vote, in any order; what they think of a title together is all that shows."""
    order = [(user, movie_id) for movie_id in opinions for user in ("bob", "cid")]
    turns.shuffle(order)
    own: list[Cast] = [("ann", movie_id, yes) for movie_id, yes in mine.items()]

    def evening(exchange: set[int]) -> list[Cast]:
        return own + [
            (user, movie_id, opinions[movie_id][(user == "cid") is not (movie_id in exchange)])
            for user, movie_id in order
        ]

    first, second = (
        observed(("ann", "bob", "cid"), evening(exchange)) for exchange in (set(), swapped)
    )

    assert first == second
