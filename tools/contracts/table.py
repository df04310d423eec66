"""The table of events in contracts/README.md: generated, and compared with what the models say."""

from collections.abc import Iterator

from tools.contracts.catalogue.entries import Entry, entries
from tools.contracts.project import Fault, Project

BEGIN = "<!-- events: written by `make contracts`, do not edit -->"
END = "<!-- end of events -->"

_HEADER = """\
| event | meaning | producer | when | ordered by | same change, same key | example · schema |
| --- | --- | --- | --- | --- | --- | --- |"""


class NoPlace(ValueError):
    """The README has not, or not just once, the two lines between which the table stands."""


def table(project: Project) -> str:
    """Write the table, a row for each event."""
    return "\n".join([_HEADER, *(_row(project, entry) for entry in entries(project))])


def text(project: Project) -> str:
    """Return the README with the table that belongs into it. Raises NoPlace."""
    present = project.readme.read_text(encoding="utf-8")
    if present.count(BEGIN) != 1 or present.count(END) != 1:
        message = f"the table stands between {BEGIN} and {END}"
        raise NoPlace(message)
    before, _, rest = present.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(project)}\n\n{END}{after}"


def outdated(project: Project) -> Iterator[Fault]:
    """Find out whether the README's table differs from the models."""
    place = project.shown(project.readme)
    try:
        if project.readme.read_text(encoding="utf-8") != text(project):
            yield Fault(place, "its table is not what the models say: run `make contracts`")
    except NoPlace as error:
        yield Fault(place, str(error))


def _row(project: Project, entry: Entry) -> str:
    folder = project.readme.parent
    example, schema = (
        path.relative_to(folder).as_posix() for path in (entry.file.example, entry.file.path)
    )
    about = ", ".join(f"`{name}`" for name in entry.entity_keys)
    cells = (
        f"**{entry.name}** {entry.file.version}",
        entry.meaning,
        f"`{entry.contract.source}`",
        entry.contract.trigger or "—",
        f"`{entry.ordering_path.removeprefix('data.')}`" + (f" per {about}" if about else ""),
        f"`{entry.idempotency_form}`" if entry.idempotency_form else "—",
        f"[example]({example}) · [schema]({schema})",
    )
    return f"| {' | '.join(cell.replace('|', '\\|') for cell in cells)} |"
