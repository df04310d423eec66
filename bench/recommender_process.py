"""One process of the recommender's API function, measured from its first import. Prints JSON.

python -m bench.recommender_process warm MODEL FAVOURITES   stores are made up, the rest is whole
python -m bench.recommender_process cold                    stores are those of the environment
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.surroundings import prepare

REQUESTS = 300
WARMING = 20
SAMPLE = Path("events/recommender/RecommendationsFunction.http.post.json")
CONTEXT = SimpleNamespace(
    function_name="RecommendationsFunction",
    memory_limit_in_mb=1769,
    invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:RecommendationsFunction",
    aws_request_id="00000000-0000-4000-8000-000000000000",
)


def resident() -> float:
    """Return this process's memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def request(**body: object) -> dict[str, Any]:
    """Return an HTTP API's event."""
    event: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return {**event, "body": json.dumps(body)}


def answered(handler: Callable[..., Any], event: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a good answer."""
    answer = handler(event, CONTEXT)
    assert answer["statusCode"] == 200, answer["body"]  # noqa: PLR2004
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def warm(model: Path, favourites: Path) -> dict[str, object]:
    """Measure requests to a process that has been at work for a while."""
    from matinee.media import MediaType, TitleKey  # noqa: PLC0415
    from recommender import bootstrap  # noqa: PLC0415
    from recommender.adapters.model_file import read_model  # noqa: PLC0415
    from recommender.domain.taste import ListEntry, Taste  # noqa: PLC0415
    from recommender.handlers import recommendations  # noqa: PLC0415
    from recommender.use_cases.recommend_titles import RecommendTitles  # noqa: PLC0415
    from tools.evaluate.synthetic import Cinema  # noqa: PLC0415

    numbers = json.loads(favourites.read_text(encoding="ascii"))
    taste = Taste(tuple(ListEntry(TitleKey(MediaType.MOVIE, number)) for number in numbers))
    before = resident()
    content = model.read_bytes()
    began = time.perf_counter()
    opened = read_model(content)
    opening = time.perf_counter() - began
    loaded = resident()
    use_case = RecommendTitles(
        tastes=SimpleNamespace(get=lambda _: taste),
        models=SimpleNamespace(current=lambda: opened),
        projection=Cinema(len(opened)),
        catalogue=Cinema(len(opened)),
    )
    bootstrap.recommend_titles = lambda: use_case  # type: ignore[assignment]
    seconds = []
    shown: list[int] = []
    for number in range(WARMING + REQUESTS):
        event = request(mediaType="movie", exclude=shown[-150:], favorites="", preferences={})
        began = time.perf_counter()
        items = answered(recommendations.handler, event)["items"]
        if number >= WARMING:
            seconds.append(time.perf_counter() - began)
        shown += [item["id"] for item in items]
    return {
        "bytes": len(content),
        "open": opening,
        "before": before,
        "loaded": loaded,
        "after": resident(),
        "seconds": seconds,
    }


def cold() -> dict[str, object]:
    """Measure how long a process takes from its first import to its first answer."""
    began = time.perf_counter()
    from recommender import bootstrap  # noqa: PLC0415
    from recommender.handlers import recommendations  # noqa: PLC0415

    imported = time.perf_counter()
    use_case = bootstrap.recommend_titles()
    prepared = time.perf_counter()
    first = answered(recommendations.handler, request(mediaType="movie"))
    ended = time.perf_counter()
    calls: Counter[str] = Counter()
    clients = (
        use_case.tastes.client,  # type: ignore[attr-defined]
        use_case.models._published._client,  # type: ignore[attr-defined]  # noqa: SLF001
    )
    for client in clients:
        client.meta.events.register("before-call", lambda model, **_: calls.update([model.name]))
    answered(recommendations.handler, request(mediaType="movie"))
    return {
        "import": imported - began,
        "prepare": prepared - imported,
        "first": ended - prepared,
        "source": first["source"],
        "memory": resident(),
        "calls": dict(calls),
    }


def main() -> None:
    """Measure what the command line says."""
    prepare()
    mode, *files = sys.argv[1:]
    figures = warm(*map(Path, files)) if mode == "warm" else cold()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
