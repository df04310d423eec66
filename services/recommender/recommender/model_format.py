"""The model as one object: written with the trainer's arrays, read without numpy."""

from recommender.domain.model import Model


class BrokenModel(Exception):
    """The bytes are no whole model: another format, cut short, or a checksum that differs."""


def read_model(content: bytes | memoryview) -> Model:
    """Open a model after checking its format, its length and its checksum; raise BrokenModel."""
    raise NotImplementedError
