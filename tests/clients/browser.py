"""The browser of the tests."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Return the path of the system's Chromium; `make test` installs it where it can.

    Raises FileNotFoundError when there is none.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("the browser tests need Chromium (apt-get install chromium)")
