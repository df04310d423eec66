"""The file that Letterboxd's importers take (letterboxd.com/about/importing-data).

    tmdbID,Title,Year,Rating10,WatchedDate     for letterboxd.com/import, and for lists, a watchlist

TMDB's id decides, title and year are for people. `Rating10` is whole, from 1 to 10; a day in
`WatchedDate` makes an entry of the diary. Ours are kept with more precision: the JSON has them.
"""

import csv
from collections.abc import Iterable
from io import StringIO

from library.domain.titles import Entry

COLUMNS = ("tmdbID", "Title", "Year", "Rating10", "WatchedDate")


def letterboxd_file(films: Iterable[Entry]) -> str:
    """Return films as CSV, each in a row of its own."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, films))
    return text.getvalue()


def _row(film: Entry) -> tuple[object, ...]:
    title, viewing = film.title, film.viewing
    return (
        title.key.id,
        title.title,
        (title.release_date or "")[:4],
        int(viewing.rating + 0.5) if viewing.rating else None,
        viewing.seen_at.date().isoformat() if viewing.seen_at else None,
    )
