"""What the page shows, collected when it is asked for."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tools.local.mailbox import Mail, read_mails
from tools.local.settings import STAND_IN_KEY

_TIMEOUT_SECONDS = 5.0
_POSTERS = 12
_MAILS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product: where clients find it, and whether it answers."""

    name: str
    url: str
    answers: bool


@dataclass(frozen=True, slots=True)
class Poster:
    """A title with its picture."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The page's contents, in the order in which they are shown."""

    stack: Mapping[str, Any]
    parts: Sequence[Part]
    posters: Sequence[Poster]
    mails: Sequence[Mail]

    @classmethod
    def of(cls, stack: Mapping[str, Any]) -> Self:
        """Collect them for a running product. The newest mail is first."""
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_SECONDS) as http:
            wanted = _parts(stack)
            with ThreadPoolExecutor(len(wanted) + 1) as pool:
                posters = pool.submit(_posters, http, stack)
                answers = pool.map(lambda probe: _answers(http, probe[2]), wanted)
                parts = [
                    Part(name, url, answering)
                    for (name, url, _), answering in zip(wanted, answers, strict=True)
                ]
            mails = read_mails(Path(stack["state"]))[: -_MAILS - 1 : -1]
            return cls(stack, parts, posters.result(), mails)


def _parts(stack: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return each part's name, its address for clients, and one that tells whether it answers."""
    rest, graphql, emulator = (
        str(stack[name]) for name in ("rest_url", "graphql_url", "emulator_url")
    )
    graphql_status = f"{urlsplit(graphql)._replace(path='/status').geturl()}"
    parts = [
        ("REST", rest, f"{rest}/status"),
        ("GraphQL", graphql, graphql_status),
        ("real time", str(stack["realtime_url"]), graphql_status),
        ("GraphQL with TLS", str(stack["graphql_tls_url"]), graphql_status),
        ("AWS APIs", emulator, f"{emulator}/_ministack/ready"),
    ]
    if _has_stand_in(stack):
        tmdb = str(stack["tmdb_url"])
        parts.append(("TMDB stand-in", tmdb, f"{tmdb.removesuffix('/3')}/__ready"))
    return parts


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return not http.get(url).is_error
    except httpx.HTTPError:
        return False


def _posters(http: httpx.Client, stack: Mapping[str, Any]) -> list[Poster]:
    """Return posters of the stand-in's popular films; of TMDB's own the page has no key."""
    if not _has_stand_in(stack):
        return []
    tmdb = str(stack["tmdb_url"])
    try:
        answer = http.get(f"{tmdb}/movie/popular", params={"api_key": STAND_IN_KEY})
        answer.raise_for_status()
        films = answer.json()["results"]
    except (httpx.HTTPError, ValueError, KeyError):
        return []
    pictures = f"{tmdb.removesuffix('/3')}/t/p/w185"
    return [
        Poster(film["title"], f"{pictures}{film['poster_path']}")
        for film in films
        if film.get("poster_path")
    ][:_POSTERS]


def _has_stand_in(stack: Mapping[str, Any]) -> bool:
    return urlsplit(str(stack["tmdb_url"])).hostname == "127.0.0.1"
