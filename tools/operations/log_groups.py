"""The log groups of the saved queries in template.yaml: every function's, by rule."""

import re
from pathlib import Path

MARK = "# python -m tools.operations write"
_LIST = re.compile(rf"(      LogGroupNames: {re.escape(MARK)}\n)(?:        - .*\n)+")
_GROUP = re.compile(r"        LogGroup: !Ref (\w+)\n")


def written(text: str) -> str:
    """Answer a template's text with every list as it should be."""
    groups = _GROUP.findall(text)
    lines = "".join(f"        - !Ref {group}\n" for group in groups)
    return _LIST.sub(lambda found: found[1] + lines, text)


def write(path: Path) -> bool:
    """Write the lists; tells whether anything has changed."""
    before = path.read_text(encoding="utf-8")
    after = written(before)
    if after != before:
        path.write_text(after, encoding="utf-8")
    return after != before
