"""Entity tags and the conditions of requests (RFC 9110, 8.8.3 and 13.1)."""

from hashlib import blake2b


def entity_tag(content: str) -> str:
    """Return the strong entity tag of a representation, quotation marks included."""
    return f'"{blake2b(content.encode(), digest_size=12).hexdigest()}"'


def matches(header: str, tag: str, *, weak: bool = False, exists: bool = True) -> bool:
    """Return whether If-Match, or with `weak` If-None-Match, names a representation by its tag.

    `*` names every representation that `exists`.
    """
    if header.strip() == "*":
        return exists
    tags = (given.strip() for given in header.split(","))
    return tag in (given.removeprefix("W/") if weak else given for given in tags)
