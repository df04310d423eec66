"""The GraphQL API of rooms: inputs, types and resolvers."""
