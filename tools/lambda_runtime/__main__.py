"""`python -m tools.lambda_runtime finish | sizes | invoke`: what was built, and how it runs."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.lambda_runtime.built import NotBuilt, built_functions, size
from tools.lambda_runtime.finishing import NotCompiled, finish
from tools.lambda_runtime.invocation import BUILD, NoSuchSample, invoke, sample

_KILO = 1000


def main() -> int:
    """Run one command; the exit code."""
    root = argparse.ArgumentParser(prog="python -m tools.lambda_runtime", description=__doc__)
    root.add_argument("--build", type=Path, default=BUILD, help="the folder that sam build made")
    commands = root.add_subparsers(dest="command", required=True)
    commands.add_parser("finish", help="leave out what nobody needs, compile the rest")
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
    except (NotBuilt, NotCompiled, NoSuchSample) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _show_sizes(build: Path) -> None:
    functions = built_functions(build)
    table = Table("part", "unpacked, KB", "zipped, KB", box=None)
    folders = {layer.name: layer for function in functions.values() for layer in function.layers}
    folders |= {name: function.code for name, function in sorted(functions.items())}
    for name, folder in folders.items():
        found = size(folder)
        table.add_row(name, f"{found.unpacked / _KILO:,.0f}", f"{found.packed / _KILO:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
