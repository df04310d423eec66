"""Find which titles of an id are on a user's list: the film, the series, both or neither."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from library.domain.titles import Entry, ListName
from library.ports import MAX_TITLES_READ, EntryRepository
from matinee.media import MediaType, TitleKey


@dataclass(frozen=True, slots=True)
class FindTitles:
    """Finds titles of one list by TMDB's id alone."""

    name: ListName
    entries: EntryRepository

    def __call__(self, user_id: str, media_ids: Iterable[int]) -> Mapping[int, Sequence[TitleKey]]:
        """Return for each id the titles that are on the list. Raises LibraryUnavailable."""
        found: dict[int, list[TitleKey]] = {media_id: [] for media_id in media_ids}
        keys = [TitleKey(media_type, media_id) for media_id in found for media_type in MediaType]
        for chunk in batched(keys, MAX_TITLES_READ, strict=False):
            states = self.entries.get_entries(user_id, [(self.name, key) for key in chunk])
            for key, state in zip(chunk, states, strict=True):
                if isinstance(state, Entry):
                    found[key.id].append(key)
        return found
