"""Which ports the stack takes, and what it says when it cannot have them."""

import itertools
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tools.local import ports
from tools.local.ports import (
    Ports,
    PortTakenError,
    chosen_ports,
    free_ports,
    listening_inodes,
    require_free,
)

PROC_NET_TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1
   1: 0100007F:11D6 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1
   2: 0100007F:11D7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1
"""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """Ports that are taken, by whom."""
    holders: dict[int, str] = {}
    monkeypatch.setattr(ports, "is_free", lambda port: port not in holders)
    monkeypatch.setattr(ports, "describe_holder", lambda port: holders[port])
    return holders


def test_the_default_ports_are_the_documented_ones() -> None:
    assert chosen_ports({}) == Ports(emulator=4566, graphql=4567, tmdb=4568)


def test_each_port_can_be_chosen_by_its_variable() -> None:
    environment = {"MATINEE_GRAPHQL_PORT": "5000", "MATINEE_TMDB_PORT": " 5001 "}
    assert chosen_ports(environment) == Ports(emulator=4566, graphql=5000, tmdb=5001)


@pytest.mark.parametrize("value", ["0", "65536", "http", "-1", "4566.0"])
def test_what_is_no_port_is_refused_with_its_variable(value: str) -> None:
    with pytest.raises(ValueError, match=f"MATINEE_EMULATOR_PORT={value} is not a port"):
        chosen_ports({"MATINEE_EMULATOR_PORT": value})


def test_free_ports_raise_nothing(taken: dict[int, str]) -> None:
    taken[4569] = "somebody else"
    require_free({"AWS emulator": 4566, "GraphQL endpoint": 4567})


def test_every_taken_port_is_named_with_its_holder_and_the_way_out(taken: dict[int, str]) -> None:
    taken |= {4566: "pid 12 (localstack)", 4568: "another process"}
    with pytest.raises(PortTakenError) as refusal:
        require_free({"AWS emulator": 4566, "GraphQL endpoint": 4567, "TMDB stand-in": 4568})
    message = str(refusal.value)
    assert "Port 4566 (AWS emulator) is taken by pid 12 (localstack)." in message
    assert "Port 4568 (TMDB stand-in) is taken by another process." in message
    assert "4567" not in message
    assert "make run PORTS=free" in message


def test_one_port_for_two_parts_is_refused(taken: dict[int, str]) -> None:
    assert not taken
    with pytest.raises(PortTakenError, match="Port 5000 is wanted twice: for A and B"):
        require_free({"A": 5000, "B": 5000})


def test_the_kernels_table_tells_who_listens_not_who_is_connected() -> None:
    assert listening_inodes(PROC_NET_TCP, 4566) == {"4711"}
    assert listening_inodes(PROC_NET_TCP, 54321) == set()
    assert listening_inodes("", 4566) == set()


@pytest.fixture
def unused(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Count the ports that the system gives, from the one that is returned."""
    numbers = itertools.count(50000)
    monkeypatch.setattr(ports, "unused_port", lambda _held: next(numbers))
    return numbers


@pytest.mark.usefixtures("unused")
def test_free_ports_are_the_same_the_next_time(taken: dict[int, str], tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    first = free_ports(remembered)
    assert not taken
    assert free_ports(remembered) == first


@pytest.mark.usefixtures("unused")
def test_a_free_port_that_is_taken_now_is_replaced_alone(
    taken: dict[int, str], tmp_path: Path
) -> None:
    remembered = tmp_path / "ports.json"
    first = free_ports(remembered)
    taken[first.graphql] = "somebody else"
    second = free_ports(remembered)
    assert second.graphql != first.graphql
    assert replace(second, graphql=first.graphql) == first
    taken.clear()
    assert free_ports(remembered) == second


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize("text", ["", "[", '{"other": 1}'])
def test_what_remembers_no_ports_changes_nothing(
    text: str, tmp_path: Path, unused: Iterator[int]
) -> None:
    remembered = tmp_path / "ports.json"
    remembered.write_text(text, encoding="ascii")
    assert free_ports(remembered).emulator == next(unused) - len(fields(Ports))
