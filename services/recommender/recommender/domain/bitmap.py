"""Sets of titles as integers: bit n stands for title n.

Python's integers intersect sets of 100,000 titles in microseconds, and since titles are numbered
by their popularity prior, the lowest bits are the best titles.
"""

from collections.abc import Iterable, Iterator

_BLOCK = 64


class BitmapView:
    """A read-only view of a bitmap for quick membership tests and ordered iteration."""

    __slots__ = ("_bytes", "_size")

    def __init__(self, bitmap: int) -> None:
        self._bytes = bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")
        self._size = 8 * len(self._bytes)

    def __contains__(self, number: int) -> bool:
        return number < self._size and bool(self._bytes[number >> 3] >> (number & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        """Iterate over the titles, the best first."""
        for start in range(0, len(self._bytes), _BLOCK):
            block = int.from_bytes(self._bytes[start : start + _BLOCK], "little")
            while block:
                lowest = block & -block
                yield 8 * start + lowest.bit_length() - 1
                block ^= lowest


def bitmap_of(numbers: Iterable[int], size: int) -> int:
    """Return the bitmap of some of `size` titles."""
    content = bytearray((size + 7) // 8)
    for number in numbers:
        content[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(content, "little")


def all_titles(size: int) -> int:
    """Return the bitmap of all of `size` titles."""
    return (1 << size) - 1
