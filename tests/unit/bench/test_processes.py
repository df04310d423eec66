"""Whose processor time is counted."""

import subprocess
import sys

from bench.processes import CLIENT, Processes, difference

PORT = 65_001


def test_what_was_used_in_between_is_told_the_most_first() -> None:
    used = difference({"a": 3.0, "b": 9.0, "new": 1.0}, {"a": 2.5, "b": 4.0})
    assert list(used.items()) == [("b", 5.0), ("new", 1.0), ("a", 0.5)]


def test_without_a_product_only_the_client_has_used_time() -> None:
    assert set(Processes(f"http://127.0.0.1:{PORT}").seconds()) == {CLIENT}


def test_the_processes_of_a_product_are_those_that_its_supervisor_began() -> None:
    text = "import sys, time; print('here', flush=True); time.sleep(60)"
    arguments = ["-c", text, "tools.local.emulator_process", "--port", str(PORT), "--more"]
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE) as emulator:
        assert emulator.stdout
        emulator.stdout.readline()
        products = Processes(f"http://127.0.0.1:{PORT}")
        before = products.seconds()
        memory = products.memory()
        emulator.kill()

    assert before["emulator"] > 0
    assert memory > 0
    assert products.seconds()["emulator"] == before["emulator"], "what has ended has used time, too"
