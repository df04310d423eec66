"""A local AppSync endpoint: GraphQL over HTTP and AppSync's real-time WebSocket protocol.

It serves the API that a template defines (its schema, its APPSYNC_JS resolvers, its data
sources) with the functions, user pool and roles that the emulator holds, so that a client written
for AppSync talks to it unchanged. See README.md for what it does as AWS does and what it does not.
"""
