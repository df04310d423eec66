"""The consumer that contracts/README.md shows works as it stands there, and so does the kit's."""

import asyncio
import json
import os
import sys
import sysconfig
from pathlib import Path

import boto3
import pytest

from tests.e2e.conftest import MakePeople, eventually
from tests.e2e.test_events import matched_room
from tools.contracts.kit.package import assemble
from tools.contracts.paths import ROOT
from tools.contracts.project import load_project
from tools.ops.client import Stack

QUEUE = "my-matches"


@pytest.fixture
def surroundings(stack: Stack, tmp_path: Path) -> Path:
    """Lays out what a newcomer has: the running product's description, and the kit."""
    (tmp_path / ".local").mkdir()
    described = {
        "emulator_url": stack.emulator_url,
        "region": stack.region,
        "event_bus": stack.outputs["EventBusName"],
    }
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(described))
    assemble(load_project(), tmp_path)
    readme = (ROOT / "contracts" / "README.md").read_text(encoding="utf-8")
    (tmp_path / "first.py").write_text(readme.split("```python\n")[1].split("```")[0])
    return tmp_path


async def test_the_readme_consumer_receives_a_match(
    people: MakePeople, stack: Stack, surroundings: Path
) -> None:
    paths = [str(surroundings / "kit" / "src"), sysconfig.get_path("purelib")]
    consumer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-u", "first.py"),
        cwd=surroundings,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    events = boto3.client(
        "events",
        endpoint_url=stack.emulator_url,
        region_name=stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    async def listens() -> bool:
        assert consumer.returncode is None
        rules = events.list_rules(EventBusName=stack.outputs["EventBusName"], NamePrefix=QUEUE)
        return bool(
            rules["Rules"]
            and events.list_targets_by_rule(Rule=QUEUE, EventBusName=stack.outputs["EventBusName"])[
                "Targets"
            ]
        )

    try:
        assert await eventually(listens)
        ada, boris = await people("Ada", "Boris")
        room, film = await matched_room(ada, boris)
        assert consumer.stdout
        line = (await asyncio.wait_for(consumer.stdout.readline(), 30)).decode()
    finally:
        consumer.kill()
        await asyncio.wait_for(consumer.wait(), 30)
        bus = stack.outputs["EventBusName"]
        events.remove_targets(Rule=QUEUE, EventBusName=bus, Ids=["queue"])
        events.delete_rule(Name=QUEUE, EventBusName=bus)

    title = next(movie["title"] for movie in room["candidates"] if movie["id"] == film)
    assert title in line
    assert ada.user_id in line
    assert boris.user_id in line
