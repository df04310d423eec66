"""Protocols: which favourites are known, and which are held out.

`held_out` is the file's own split: each user's last fifth. Most of that lies within an hour of the
last known favourite, so that it rewards the order in which one sitting's titles are entered.
`next_sitting` keeps the users of that split who come back: what is held out begins a day later.
`time_cut` knows of everybody only what lies before one instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from recommender.domain.taste import ListEntry
from tools.evaluate.files import Histories

HELD_OUT = 0.2
INNER_SPLITS = 2
NEXT_SITTING = timedelta(days=1)
KNOWN_BEFORE_CUT = 0.8

_added_at: Callable[[ListEntry], datetime] = attrgetter("added_at")
"""Files say of every favourite when it was added."""


def held_out(histories: Histories) -> Histories:
    """Return the file's own split."""
    return histories


def next_sitting(histories: Histories) -> Histories:
    """Return the same split with the held-out parts of those alone who came back a day later."""
    return Histories(
        histories.train,
        {
            user: later
            for user, later in histories.test.items()
            if (known := histories.train.get(user))
            and _added_at(later[0]) - _added_at(known[-1]) >= NEXT_SITTING
        },
    )


def time_cut(histories: Histories) -> Histories:
    """Return a split at the instant before which 80 % of all favourites were added."""
    whole = {
        user: [*known, *histories.test.get(user, ())] for user, known in histories.train.items()
    }
    times = sorted(_added_at(one) for all_ in whole.values() for one in all_)
    cut = times[int(KNOWN_BEFORE_CUT * len(times))]
    before = {user: [one for one in all_ if _added_at(one) < cut] for user, all_ in whole.items()}
    after = {user: [one for one in all_ if _added_at(one) >= cut] for user, all_ in whole.items()}
    return Histories({user: kept for user, kept in before.items() if kept}, after)


def inner_splits(histories: Histories) -> Iterator[Histories]:
    """Split the training part; of the second split, the first one's held-out events are gone."""
    train = histories.train
    for _ in range(INNER_SPLITS):
        kept: dict[int, Sequence[ListEntry]] = {}
        held: dict[int, Sequence[ListEntry]] = {}
        for user, favourites in train.items():
            size = max(1, int(HELD_OUT * len(favourites)))
            kept[user] = favourites[:-size] or favourites
            if len(favourites) > size:
                held[user] = favourites[-size:]
        yield Histories(kept, held)
        train = kept


PROTOCOLS: Mapping[str, Callable[[Histories], Histories]] = {
    "held out": held_out,
    "next sitting": next_sitting,
    "time cut": time_cut,
}
