"""Operations on the event bus: watch it, send to it, replay it, and care for its dead letters.

    python -m tools.ops.events live      [--type T] [--source S] [--correlation ID] [--seconds N]
    python -m tools.ops.events replay    --from T --to T [--type T ...] [--to-rule R ...]
    python -m tools.ops.events redrive   QUEUE
    python -m tools.ops.events discard   QUEUE MESSAGE
    python -m tools.ops.events send      TYPE

Each does it to the local product, or with `--stack NAME` to a stack on AWS, with the caller's own
credentials. docs/operations.md says when.
"""
