"""Mutants: small changes of the product by which an invariant no longer holds.

The simulation finds each within the number of histories that stands beside it: that is what shows
that its checks can fail. A mutant is a text in a file and what stands there instead; whoever edits
that line finds the mutant that speaks of it by its test.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of a file, at each of so many places, and within how many histories it is found."""

    name: str
    file: str
    before: str
    after: str
    within: int
    is_cheap: bool = False
    times: int = 1

    @property
    def path(self) -> Path:
        """The file."""
        return ROOT / "services" / self.file

    @property
    def module(self) -> str:
        """The name under which the file is imported."""
        return ".".join(Path(self.file).with_suffix("").parts[1:])

    def source(self) -> str:
        """Return the file's text with the change; raise ValueError if it has nothing to change."""
        text = self.path.read_text(encoding="utf-8")
        if text.count(self.before) != self.times:
            message = f"{self.name}: {self.file} has this {text.count(self.before)} times"
            raise ValueError(message)
        return text.replace(self.before, self.after)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "a vote does not look at the room",
        "rooms/rooms/adapters/dynamodb/votes.py",
        "            same_room,\n",
        "",
        200,
    ),
    Mutant(
        "a vote does not look at the tally",
        "rooms/rooms/adapters/dynamodb/votes.py",
        '            condition="version = :read",\n',
        '            condition="attribute_exists(roomId)",\n',
        60,
    ),
    Mutant(
        "an event replaces another with its id",
        "shared/matinee/events/outbox.py",
        '            "ConditionExpression": "attribute_not_exists(event_id)",\n',
        "",
        200,
    ),
    Mutant(
        "an export's cursor is anybody's",
        "library/library/api/cursors.py",
        "(_EXPORT, user_id)",
        '(_EXPORT, "")',
        200,
        times=3,
    ),
    Mutant(
        "anybody subscribes to anything",
        "rooms/resolvers/own_user_only.js",
        "    util.unauthorized();\n",
        "",
        200,
    ),
    Mutant(
        "a room holds one more than it may",
        "rooms/rooms/domain/room.py",
        "len(self.participants) >= self.max_participants",
        "len(self.participants) > self.max_participants",
        60,
    ),
    Mutant(
        "a change of membership does not look at the version",
        "rooms/rooms/adapters/dynamodb/rooms.py",
        'condition="version = :read AND expiresAt > :now" if while_open else "version = :read"',
        'condition="expiresAt > :now" if while_open else "attribute_exists(id)"',
        200,
    ),
    Mutant(
        "whoever leaves does not check before",
        "rooms/rooms/use_cases/leave_room.py",
        "        self.reconciler.reconcile(room, trace)\n",
        "",
        400,
    ),
    Mutant(
        "whoever joins does not check before",
        "rooms/rooms/use_cases/join_room.py",
        "        self.reconciler.reconcile(room, trace)\n",
        "",
        400,
    ),
    Mutant(
        "the detector does not check after a change of membership",
        "rooms/rooms/use_cases/detect_match.py",
        "        self.reconciler.reconcile(room, trace)\n",
        "",
        100,
    ),
    Mutant(
        "a vote does not check the instant that it ends",
        "rooms/rooms/domain/match.py",
        "    for instant in (tally, after):\n",
        "    for instant in (after,):\n",
        400,
    ),
    Mutant(
        "one participant agrees alone",
        "rooms/rooms/domain/rule.py",
        "participants >= min_participants and not missing",
        "participants >= 1 and not missing",
        60,
    ),
    Mutant(
        "a match is recorded again",
        "rooms/rooms/adapters/dynamodb/matches.py",
        'put(self.tables.matches, match_item(match), condition="attribute_not_exists(roomId)"),',
        "put(self.tables.matches, match_item(match)),",
        100,
        is_cheap=True,
    ),
    Mutant(
        "a failed notification counts as done",
        "rooms/rooms/use_cases/notify_match.py",
        "        if failed:\n",
        "        if failed > 50:\n",
        100,
    ),
    Mutant(
        "a notification is sent again",
        "rooms/rooms/use_cases/notify_match.py",
        'f"{told_id}:{user_id}"',
        'f"{told_id}:{user_id}:{self.now()}"',
        300,
    ),
    Mutant(
        "a failed message is forgotten",
        "shared/matinee/events/consumer.py",
        "            self._postpone(record)\n            raise\n",
        "            self._postpone(record)\n",
        100,
    ),
    Mutant(
        "a message that breaks its contract is dropped",
        "shared/matinee/events/consumer.py",
        "            self._dead_letters.send(record, str(error))\n            return\n",
        "            return\n",
        100,
        is_cheap=True,
    ),
    Mutant(
        "the relay deletes what the bus has refused",
        "shared/matinee/events/relay.py",
        "            self._delete(item for item in chunk if item not in failed)\n",
        "            self._delete(chunk)\n",
        400,
    ),
    Mutant(
        "the relay does not read FailedEntryCount",
        "shared/matinee/events/relay.py",
        'if response["FailedEntryCount"] == 0:',
        'if response["Entries"]:',
        300,
    ),
    Mutant(
        "the sweep of the outbox does nothing",
        "shared/matinee/events/relay.py",
        "            self.publish(self._overdue())\n",
        "            self.publish(())\n",
        100,
    ),
    Mutant(
        "a list is changed for a deleted user",
        "library/library/adapters/dynamodb/entries.py",
        "                list_key(user_id, BLOCK_KEY),\n"
        '                condition="attribute_not_exists(userId)",\n',
        "                list_key(user_id, BLOCK_KEY),\n"
        '                condition="attribute_not_exists(nobody)",\n',
        400,
    ),
    Mutant(
        "the library's eraser does not block",
        "library/library/use_cases/erase_user.py",
        "        self.repository.block(user_id, self.now() + BLOCK_TTL)\n",
        "",
        400,
    ),
    Mutant(
        "a removal does not look at what is removed",
        "library/library/adapters/dynamodb/entries.py",
        "removal_item(user_id, removal),\n                    condition=_IS_ENTRY,",
        "removal_item(user_id, removal),\n"
        '                    condition=f"attribute_not_exists(nobody) OR {_IS_ENTRY}",',
        400,
    ),
    Mutant(
        "a late favourite comes back",
        "recommender/recommender/adapters/dynamodb/tastes.py",
        '            " AND (attribute_not_exists(removedUpTo) OR removedUpTo < :addedAt)",\n',
        '            "",\n',
        400,
    ),
    Mutant(
        "the recommender's eraser does not block",
        "recommender/recommender/adapters/dynamodb/tastes.py",
        "        self.client.put_item(TableName=self.table, Item=to_item(blocked))\n",
        "        del blocked\n",
        400,
    ),
    Mutant(
        "rooms' eraser does not block",
        "rooms/rooms/use_cases/erase_user.py",
        "        self.retry(lambda: self.history.block(user_id, self.now() + BLOCK_TTL))\n",
        "",
        400,
    ),
    Mutant(
        "a visit is not recorded",
        "rooms/rooms/adapters/dynamodb/rooms.py",
        "[*actions, visit, unblocked]",
        "[*actions, unblocked]",
        100,
    ),
    Mutant(
        "a deleted user's votes stay",
        "rooms/rooms/use_cases/erase_user.py",
        "                self._delete_votes(run.user_id, tallies, trace)\n",
        "",
        100,
    ),
    Mutant(
        "a deleted user's matches keep their name",
        "rooms/rooms/use_cases/erase_user.py",
        "run.each(self._matches(user_id), self._erase_from_match",
        "run.each((), self._erase_from_match",
        200,
    ),
    Mutant(
        "an account is deleted twice",
        "auth/auth/adapters/dynamodb/deletions.py",
        'condition="deleting = :yes AND attribute_not_exists(deletedAt)",',
        'condition="deleting = :yes",',
        600,
    ),
    Mutant(
        "a deletion that was cut short is not finished",
        "auth/auth/use_cases/delete_account.py",
        "                self._run(deletion, trace)\n            except",
        "                left += 0\n            except",
        200,
    ),
    Mutant(
        "a deletion tells nobody",
        "auth/auth/adapters/dynamodb/deletions.py",
        "            put_event(self.tables.outbox, event),\n",
        "",
        60,
    ),
    Mutant(
        "an account is registered twice",
        "auth/auth/adapters/dynamodb/users.py",
        'condition=f"attribute_not_exists(createdAt) AND {NOT_BEING_DELETED}",',
        "condition=NOT_BEING_DELETED,",
        60,
        is_cheap=True,
    ),
    Mutant(
        "who was deleted in the pool stays",
        "auth/auth/use_cases/reconcile_accounts.py",
        "                missing.append(profile.account)\n",
        "                pass\n",
        300,
    ),
    Mutant(
        "a decision does not look at the room",
        "rooms/rooms/adapters/dynamodb/decisions.py",
        'room_key(room.id),\n            condition="version = :read",\n'
        '            values={":read": room.version},',
        'room_key(room.id),\n            condition="attribute_exists(id)",',
        200,
    ),
    Mutant(
        "a decision does not look at the proposals",
        "rooms/rooms/adapters/dynamodb/decisions.py",
        'condition="attribute_not_exists(id) OR version = :read",\n'
        '            values={":read": proposals.version - 1},',
        'condition="attribute_not_exists(nobody)",',
        500,
    ),
    Mutant(
        "half of a room is a majority",
        "rooms/rooms/domain/decision.py",
        "2 * supporters > len",
        "2 * supporters >= len",
        60,
    ),
    Mutant(
        "a majority of those who stay decides nothing",
        "rooms/rooms/use_cases/reconcile_matches.py",
        "len(found) + self.decisions.reconcile(room, trace)",
        "len(found)",
        200,
    ),
    Mutant(
        "a participant decides as the host",
        "rooms/rooms/use_cases/decide_room.py",
        "        if user_id != room.host_id:\n            raise NotTheHost\n",
        "",
        100,
    ),
    Mutant(
        "candidates are dealt twice",
        "rooms/rooms/adapters/dynamodb/rooms.py",
        'condition="size(candidates) = :before",\n'
        '                values={":added": candidate_values(added), ":before": len(before)},',
        'condition="size(candidates) > :before",\n'
        '                values={":added": candidate_values(added), ":before": 0},',
        400,
    ),
    Mutant(
        "a received file is not processed",
        "library/library/use_cases/import_file.py",
        "            self.queue.send(new, new.to_do[0], delay_seconds=MESSAGE_DELAY_SECONDS)\n",
        "            pass\n",
        100,
    ),
    Mutant(
        "rows that TMDB could not be asked for are forgotten",
        "library/library/use_cases/import_rows.py",
        "self.queue.send(of, part.number, message_id, pause or DEFAULT_PAUSE_SECONDS)",
        "return",
        400,
    ),
    Mutant(
        "an export ends before the rooms",
        "library/library/use_cases/import_export.py",
        "            part.next = OtherCursor(OtherService.ROOMS)\n",
        "",
        60,
    ),
    Mutant(
        "a guest is bound to no room",
        "rooms/rooms/use_cases/admit_guest.py",
        "        self.retry(lambda: self.bindings.bind("
        "guest.user_id, room.id, self.now() + BOUND_FOR))\n",
        "",
        60,
    ),
    Mutant(
        "whoever starts a room is invited, too",
        "rooms/rooms/use_cases/start_room.py",
        "        if others := crew.others(room.host_id):\n",
        "        if others := crew.members:\n",
        60,
    ),
    Mutant(
        "nobody is told of an invitation",
        "rooms/rooms/use_cases/start_room.py",
        "            events.append(self.events.crew_invited(",
        "            list(events).append(self.events.crew_invited(",
        60,
    ),
    Mutant(
        "the export leaves out the invitations",
        "library/library/adapters/lambda_/exports.py",
        'if name != "next"}',
        'if name not in {"next", "invitations"}}',
        200,
    ),
    Mutant(
        "a change has two entries in its feed",
        "rooms/rooms/use_cases/write_feed.py",
        "change=event.idempotency_key",
        'change=f"{event.idempotency_key}:{self.now()}"',
        200,
    ),
    Mutant(
        "a feed publishes its last entry alone",
        "rooms/rooms/use_cases/write_feed.py",
        "            seq = feed.published + 1\n",
        "            seq = feed.last\n",
        60,
    ),
    Mutant(
        "a list of the catalogue stops after a page",
        "catalog/catalog/use_cases/refresh_page.py",
        "        if progress.continues_after(task.page):\n",
        "        if progress.continues_after(task.page) and task.page < 1:\n",
        200,
    ),
)


def text_of(file: str) -> str:
    """Return the text of a file that is no module, with the mutant's change if it is its file."""
    installed = Mutation.installed
    if installed and installed.file == file:
        return installed.source()
    return (ROOT / "services" / file).read_text(encoding="utf-8")


def by_name(name: str) -> Mutant:
    """Return a mutant; raise LookupError."""
    for mutant in MUTANTS:
        if mutant.name == name:
            return mutant
    raise LookupError(name)


class Mutation(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its mutant's source."""

    installed: ClassVar[Mutant | None] = None

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._source = mutant.source()

    def install(self) -> None:
        """Have the module imported so."""
        Mutation.installed = self._mutant
        sys.meta_path.insert(0, self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the base class has it
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return the module's spec for its name alone."""
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._mutant.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the mutant's source."""
        exec(compile(self._source, self._mutant.path, "exec"), vars(module))  # noqa: S102 - our own
