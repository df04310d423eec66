"""The colours of each genre."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """Six colours that go together.

    ``high`` and ``low`` are the two ends of the background, ``far``, ``mid`` and ``near`` shapes
    at three distances, ``glow`` what shines (and small print). ``ink`` is the title's; it is
    legible on ``high`` and on ``near``.
    """

    high: str
    low: str
    far: str
    mid: str
    near: str
    glow: str
    ink: str


def _palettes(*lines: str) -> tuple[Palette, ...]:
    return tuple(Palette(*(f"#{colour}" for colour in line.split())) for line in lines)


_ACTION: Final = _palettes(
    "1a1216 b8321a 7d1f1a 4a1518 140c10 ffb338 fff4e0",
    "0e1a24 e0662b 9c3f24 3b2a2e 0b1219 ffd36b fff6e6",
    "16161d 6b7280 4b3030 2a2026 0d0d12 ff5a36 ffffff",
)
_ADVENTURE: Final = _palettes(
    "0f3b4c f0b35a 3f7f7a 1f5a5e 0a2a36 ffe08a fff8e4",
    "23395b f28f5c a8576b 5d3a5f 1a2540 ffd9a0 fff5e8",
    "12423a c9d27a 5f9a5b 2d6a4f 0b2b26 fff0a8 fbfbe8",
)
_CHEERFUL: Final = _palettes(
    "3a1c71 ff7e67 d6457b 7b2d8e 2a1458 ffe066 fff7e8",
    "005f73 94d2bd ee9b00 0a9396 00414f ffe9a8 fffbea",
    "1d3f8f 6ec6ff ff8552 4062bb 152c66 ffe45e ffffff",
    "7a1f4b ffb4a2 f2545b a63a6b 571238 ffe8c2 fff6ee",
)
_CRIME: Final = _palettes(
    "0d1b2a 415a77 33475f 1b2c42 08111c f4c95d f3f6fa",
    "17130f 6d5232 4a3824 2b2117 0e0b08 e8b04a fbf1de",
    "101418 3d5a52 2c423d 1b2826 0a0d10 d9f26b f4f8ee",
)
_DOCUMENTARY: Final = _palettes(
    "22333b 8aa39b 5e7f7a 3b5560 172329 e9d8a6 f8f5ea",
    "2f3e46 cad2c5 84a98c 52796f 202b30 f6e7b4 fbfaf0",
    "3b2f2f c9ada7 9a8c98 5b4a52 271f1f ffe3c2 fdf5ec",
)
_DRAMA: Final = _palettes(
    "2b2d42 c97b63 8d6a74 54506b 1d1f30 ffd6a5 fdf3e7",
    "1f3044 a5b4c3 6e879c 41586e 152231 f6d7b0 f6f8fa",
    "3d2b3d d9a08b a0666e 6a445c 281b29 ffe1c4 fff3ea",
    "27403a d8c99b 94a57c 577864 1a2c28 fff0c7 fbf8ea",
)
_FANTASY: Final = _palettes(
    "1b1040 7f5af0 5b3cc4 37258a 120a2e ffd166 f8f2ff",
    "0b2239 3fb8af 2a7f86 17505f 081827 f7e18b f0fbf9",
    "2a0f3d d16ba5 86478f 532a6b 1b0a29 ffdf9e fff2fb",
)
_HISTORY: Final = _palettes(
    "2c2416 b08d57 7d6440 4d3e29 1c170e f3dca6 fdf6e4",
    "1f2421 7a8b6f 57665a 38443c 141816 e4d3a0 f7f4e6",
    "2b1d1a a4583c 74403a 48292b 1a1110 f0cf9c fdf1e2",
)
_HORROR: Final = _palettes(
    "0a0a0c 5c0a12 3c0a10 1f080c 050506 d7263d f4eaea",
    "0b1210 2f4a3c 20352c 13211c 060a08 b9e769 eef5ea",
    "0d0b14 3a2a52 281e3a 171124 07060c e8e1d0 f3effa",
)
_MUSIC: Final = _palettes(
    "14061f ff2e88 7a1fa2 3e1560 0d0415 28e0e6 fff0fa",
    "10172e ff8a3d b2336b 4a2468 0a0f20 ffe066 fff6ea",
    "06242b 19b5a5 0f7d83 0b4c57 04171c ffd23f f0fffc",
)
_ROMANCE: Final = _palettes(
    "5a1a3c ff9a8b d95d75 963b63 40112a ffe3c9 fff3ee",
    "3c2a55 f7b2b7 b86b9a 744a82 2a1d3d ffe9d6 fff4f4",
    "6b2737 f2c57c d97b5d a1474a 4a1a26 fff0cf fff6ea",
)
_SCIENCE_FICTION: Final = _palettes(
    "050b1e 1d5c8f 184a7a 10305a 030714 5ef2ff eafcff",
    "0a0620 6a1fb0 4a1a86 2b1258 060314 ff6ad5 fbf0ff",
    "04150f 0e7c66 0b5c50 083b38 020c09 c4ff61 f0fff4",
    "160a0a c2410c 8a2f12 4d1d13 0c0505 ffd08a fff3e6",
)
_THRILLER: Final = _palettes(
    "0b0f14 33505e 26404d 172831 06090d ff4d4d f2f7f9",
    "111111 5a5a5a 3d3d3d 262626 080808 f5d000 fafafa",
    "0c1022 3d3f7d 2b2d60 1b1c40 070916 ff9f1c f5f3ff",
)
_WESTERN: Final = _palettes(
    "5e2a1c f2a65a b8552d 7e3720 361610 ffe1a0 fff3dc",
    "33302e d8a47f a0643f 6a4330 1e1b1a ffd98f fcf1e2",
)

PALETTES: Final[dict[int, tuple[Palette, ...]]] = {
    28: _ACTION,
    10759: _ACTION,
    12: _ADVENTURE,
    16: _CHEERFUL,
    35: _CHEERFUL,
    10751: _CHEERFUL,
    10762: _CHEERFUL,
    10764: _CHEERFUL,
    10767: _CHEERFUL,
    80: _CRIME,
    99: _DOCUMENTARY,
    10763: _DOCUMENTARY,
    18: _DRAMA,
    10766: _ROMANCE,
    10770: _DRAMA,
    14: _FANTASY,
    36: _HISTORY,
    10752: _HISTORY,
    10768: _HISTORY,
    27: _HORROR,
    10402: _MUSIC,
    9648: _THRILLER,
    10749: _ROMANCE,
    878: _SCIENCE_FICTION,
    10765: _SCIENCE_FICTION,
    53: _THRILLER,
    37: _WESTERN,
}
"""By genre id, of films and of series."""

OTHERWISE: Final = _DRAMA
"""For titles without a genre that has colours of its own."""
