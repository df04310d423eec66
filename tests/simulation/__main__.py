"""Simulate histories: `python -m tests.simulation --count 1000 --seed 1`."""

import sys

from tests.simulation.mutants import Mutation, by_name
from tests.simulation.process import prepare

if "--mutant" in sys.argv:
    Mutation(by_name(sys.argv[sys.argv.index("--mutant") + 1])).install()
prepare()

from tests.simulation.command import main  # noqa: E402 - the product is imported after that

sys.exit(main(sys.argv[1:]))
