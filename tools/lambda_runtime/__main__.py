"""`python -m tools.lambda_runtime finish | sizes | invoke`: what was built, and how it runs."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.lambda_runtime.built import NotBuilt, built_functions, size
from tools.lambda_runtime.finishing import NotCompiled, finish
from tools.lambda_runtime.invocation import BUILD, NoSuchSample, invoke, sample
from tools.ops.samples.scene import SceneNotSet

_KILO = 1000


def main() -> int:
    """Run one command; the exit code."""
    root = argparse.ArgumentParser(prog="python -m tools.lambda_runtime", description=__doc__)
    root.add_argument("--build", type=Path, default=BUILD, help="the folder that sam build made")
    commands = root.add_subparsers(dest="command", required=True)
    commands.add_parser("finish", help="remove what is not needed, compile the rest")
    commands.add_parser("sizes", help="how large each function and layer is")
    give = commands.add_parser("invoke", help="give a sample event to a function")
    give.add_argument("function")
    give.add_argument("case", nargs="?", default="")
    given = root.parse_args()
    try:
        match given.command:
            case "finish":
                finish(given.build)
            case "sizes":
                _show_sizes(given.build)
            case _:
                return invoke(sample(given.function, given.case), given.build)
    except (NotBuilt, NotCompiled, NoSuchSample, SceneNotSet) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _show_sizes(build: Path) -> None:
    functions = built_functions(build)
    table = Table("part", "unpacked, KB", "zipped, KB", box=None)
    layers = {layer for function in functions.values() for layer in function.layers}
    codes = sorted(function.code for function in functions.values())
    for folder in [*sorted(layers), *codes]:
        found = size(folder)
        name = folder.relative_to(build).as_posix()
        table.add_row(name, f"{found.unpacked / _KILO:,.0f}", f"{found.packed / _KILO:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
