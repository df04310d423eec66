"""The console's interface: JSON and server-sent events about a running product, for web/'s console.

It calls what the make targets call. The local product serves it beside its page; for a stack on
AWS, `python -m tools.ops.console --stack NAME` serves it, to read only.
"""

PREFIX = "/_matinee/console"
HEADER = "x-matinee-console"
"""Whatever changes something needs this header, which no foreign page can send unasked."""
