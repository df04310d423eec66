"""The GraphQL API, as the notifier calls it."""
