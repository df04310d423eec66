"""Events: contracts, envelopes, the outbox, its relay, and queue consumers."""
