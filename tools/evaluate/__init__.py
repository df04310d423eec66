"""Evaluation of recommendations offline, through the code that serves them."""

from tools.contracts.paths import make_importable

make_importable()
