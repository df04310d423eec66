"""The file of a request: its whole body, or a part of a form (multipart/form-data, RFC 7578)."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Any

from library.api.import_files import SourceFile
from library.api.import_schemas import MAX_FILE_BYTES, UploadQuery
from library.domain.errors import ImportFileUnreadable, ImportTooLarge
from library.domain.titles import ListName
from matinee.errors import InvalidInput

FORM = "multipart/form-data"
DEFAULT_NAME = "upload"
MAX_FORM_FIELD_BYTES = 200
MAX_NAME_CHARACTERS = 200


def read_upload(event: Mapping[str, Any], query: UploadQuery) -> SourceFile:
    """Return the file of a request.

    The client's own say in the query string comes before the form's. Raises ImportTooLarge,
    ImportFileUnreadable and InvalidInput.
    """
    headers = Message()
    for name, value in (event.get("headers") or {}).items():
        if name.lower() in {"content-type", "content-disposition"}:
            headers[name] = value
    body = _body(event)
    if headers.get_content_type() == FORM:
        file = _file_of_form(body, headers.get_param("boundary"), query)
    else:
        name = query.name or headers.get_filename() or DEFAULT_NAME
        file = SourceFile(name[:MAX_NAME_CHARACTERS], body, query.list)
    if not file.content:
        raise InvalidInput.at("file", "is needed: the body, or the field `file` of a form")
    if len(file.content) > MAX_FILE_BYTES:
        message = f"A file may have at most {MAX_FILE_BYTES} bytes"
        raise ImportTooLarge(message)
    return file


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImportFileUnreadable from error


def _file_of_form(body: bytes, boundary: object, query: UploadQuery) -> SourceFile:
    """Return the first file of a form; its field `list` counts like the query's."""
    if not isinstance(boundary, str) or not boundary:
        raise InvalidInput.at("Content-Type", "has no boundary")
    name, content, shelf = "", b"", query.list
    for headers, value in _parts(body, boundary.encode("utf-8", "replace")):
        if headers.get_filename() is not None and not content:
            name, content = headers.get_filename() or "", value
        elif headers.get_param("name", header="content-disposition") == "list" and not query.list:
            shelf = _shelf(value[:MAX_FORM_FIELD_BYTES].decode("utf-8", "replace").strip())
    name = query.name or name or DEFAULT_NAME
    return SourceFile(name[:MAX_NAME_CHARACTERS], content, shelf)


def _shelf(text: str) -> ListName | None:
    if not text:
        return None
    try:
        return ListName(text.lower())
    except ValueError as error:
        reason = "must be favourites, watchlist or seen"
        raise InvalidInput.at("list", reason) from error


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[Message, bytes]]:
    """Yield the parts of a form, bytes as they are: the email package would change line ends."""
    delimiter = b"\r\n--" + boundary
    _, *parts = (b"\r\n" + body).split(delimiter)
    for part in parts:
        if part.startswith(b"--"):
            return
        head, _, value = part.partition(b"\r\n\r\n")
        headers = Message()
        for line in head.split(b"\r\n"):
            name, colon, text = line.decode("utf-8", "replace").partition(":")
            if colon:
                headers[name.strip()] = text.strip()
        yield headers, value
