"""Operations on the event bus: watch live events, replay past ones, redrive dead letters.

    python -m tools.events live      [--type T] [--source S] [--correlation ID] [--seconds N]
    python -m tools.events replay    --from T --to T [--type T ...] [--to-rule R ...]
    python -m tools.events redrive   QUEUE

Each does it to the local product, or with `--stack NAME` to a stack on AWS, with the caller's own
credentials. docs/operations.md says when.
"""
