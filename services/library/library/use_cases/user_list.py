"""The use cases of one list, together."""

from dataclasses import dataclass

from library.domain.titles import ListName
from library.ports import EntryRepository, EventFactory
from library.use_cases.add_entries import AddEntries
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.find_titles import FindTitles
from library.use_cases.list_entries import ListEntries
from library.use_cases.remove_entry import RemoveEntries
from library.use_cases.show_offers import FindOffers, no_offers
from matinee.clock import Clock, utc_now


@dataclass(frozen=True, slots=True)
class UserList:
    """What users can do with one of their lists. `now` is the time of entries that are added."""

    name: ListName
    list: ListEntries
    add: AddEntries
    remove: RemoveEntries
    find: FindTitles
    offers: FindOffers = no_offers
    now: Clock = utc_now


def build_user_list(
    name: ListName,
    entries: EntryRepository,
    events: EventFactory,
    titles: DescribeTitles,
    now: Clock = utc_now,
) -> UserList:
    """Build the use cases of a list over its ports."""
    return UserList(
        name,
        ListEntries(name, entries, titles),
        AddEntries(name, entries, events, titles),
        RemoveEntries(name, entries, events, now),
        FindTitles(name, entries),
        now=now,
    )
