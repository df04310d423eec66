"""The HTTP interface: routes, schemas of requests and responses, cursors."""
