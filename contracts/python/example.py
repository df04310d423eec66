"""A consumer made of matinee-events alone: what rooms agree on becomes a list of films to book.

`handler` is a Lambda function behind a queue, with ReportBatchItemFailures. Run this file to see it
handle the package's own examples, twice, and with poison among them.
"""

import json
from typing import Any

from matinee_events import BrokenEvent, Event, ProcessMemory, UnknownEvent, example, once, read
from matinee_events.rooms import MatchFound

memory = ProcessMemory()  # On AWS: DynamoDBMemory(boto3.resource("dynamodb").Table("seen-events"))
booked: dict[str, str] = {}
put_away: list[str] = []


def book(event: Event) -> None:
    """Book a film, once for each match: a repeat that nobody remembers changes nothing."""
    if isinstance(event.data, MatchFound):
        booked.setdefault(event.data.match_id, event.data.title)


def handler(batch: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Handle a batch of messages; returns those that the queue should show again."""
    failures = []
    for record in batch["Records"]:
        try:
            once(memory, read(record["body"]), book)
        except UnknownEvent:
            continue  # Of no concern to us.
        except BrokenEvent as error:
            put_away.append(str(error))  # On AWS: into the dead-letter queue, with the reason.
        except Exception:  # noqa: BLE001 - whatever passes is tried again
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


if __name__ == "__main__":
    match = json.dumps(example("matinee.rooms", "MatchFound"))
    vote = json.dumps(example("matinee.rooms", "VoteCast"))
    bodies = [match, "poison", vote, match]
    answer = handler(
        {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}
    )
    print(json.dumps({"booked": booked, "put away": put_away, **answer}))  # noqa: T201
