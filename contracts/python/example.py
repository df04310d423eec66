"""A consumer made of matinee-events alone: it books the films that rooms agree on.

`handler` is a Lambda function behind a queue, with ReportBatchItemFailures. Run this file to see it
handle the package's own examples, a repeat and a broken message among them.
"""

import json
from typing import Any

from matinee_events import BrokenEvent, Event, InMemoryStore, UnknownEvent, example, read, run_once
from matinee_events.rooms import MatchFound

store = InMemoryStore()  # On AWS: DynamoDBStore(boto3.resource("dynamodb").Table("seen-events"))
booked: dict[str, str] = {}
rejected: list[str] = []


def book(event: Event) -> None:
    """Book a film, once for each match: a repeat whose id has expired changes nothing."""
    if isinstance(event.data, MatchFound):
        booked.setdefault(event.data.match_id, event.data.title)


def handler(batch: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Handle a batch of messages; return those that the queue shall deliver again."""
    failures = []
    for record in batch["Records"]:
        try:
            run_once(store, read(record["body"]), book)
        except UnknownEvent:
            continue  # No event that this consumer reads.
        except BrokenEvent as error:
            rejected.append(str(error))  # On AWS: into the dead-letter queue, with the reason.
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
    print(json.dumps({"booked": booked, "rejected": rejected, **answer}))  # noqa: T201
