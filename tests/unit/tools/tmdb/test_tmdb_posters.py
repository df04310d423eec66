import re
from xml.etree import ElementTree as ET  # noqa: S405 - of our own making

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tools.tmdb.connecting import Connect
from tools.tmdb.catalogue import Catalogue, CatalogueBuilder, Title
from tools.tmdb.genres import FILM_GENRES, SERIES_GENRES
from tools.tmdb.posters import SIZES, backdrop, poster
from tools.tmdb.posters.compositions import COMPOSITIONS
from tools.tmdb.posters.lettering import set_title, width_of
from tools.tmdb.posters.palettes import PALETTES

_SVG = "{http://www.w3.org/2000/svg}"


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - of our own making


def _title_lines(svg: str) -> list[str]:
    return [span.text or "" for span in _parsed(svg).iter(f"{_SVG}tspan")]


def _film(title: str = "The Marsh", **details: object) -> Title:
    return CatalogueBuilder().film(title, **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "width"), [("w185", 185), ("w342", 342), ("w500", 500), ("original", 1000)]
)
async def test_a_poster_comes_as_svg_in_the_size_asked_for(
    connect: Connect, builder: CatalogueBuilder, size: str, width: int
) -> None:
    builder.film(id=550, genres=(18,))

    response = await connect(builder.build()).get(f"/t/p/{size}/m550.svg")

    assert response.headers["content-type"].startswith("image/svg+xml")
    picture = _parsed(response.text)
    assert picture.get("width") == str(width)
    assert abs(float(picture.get("height", "0")) - width * 1.5) < 1
    assert picture.get("viewBox") == "0 0 500 750"


async def test_an_image_needs_no_key_and_may_be_kept(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=550)

    response = await connect(builder.build()).get(
        "/t/p/w185/m550.svg", headers={"Authorization": ""}
    )

    assert response.status_code == 200
    assert "max-age" in response.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/t/p/w185/m551.svg",
        "/t/p/w185/s550.svg",
        "/t/p/w185/m7.svg",
        "/t/p/w185/m550.jpg",
        "/t/p/w186/m550.svg",
        "/t/p/w185/x550.svg",
        "/t/p/w185/.svg",
        "/t/p/w185/m.svg",
        "/t/p/w185/m\u0665.svg",
    ],
)
async def test_an_image_that_does_not_exist_is_404(
    connect: Connect, builder: CatalogueBuilder, path: str
) -> None:
    builder.film(id=550)
    builder.film(id=7, has_poster=False)

    assert (await connect(builder.build()).get(path)).status_code == 404


async def test_film_and_series_of_one_id_have_their_own_posters(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film("A film", id=550, directors=("Ada",))
    builder.show("A series", id=550, directors=("Bo",))
    client = connect(builder.build())

    film = (await client.get("/t/p/w185/m550.svg")).text
    series = (await client.get("/t/p/w185/s550.svg")).text

    assert ("A FILM BY ADA" in film, "A film" in film) == (True, True)
    assert ("A SERIES BY BO" in series, "A series" in series) == (True, True)


def test_generated_posters_are_wellformed_and_show_their_title(
    generated: Catalogue,
) -> None:
    for title in (*generated.movies.titles[:400], *generated.series.titles[:200]):
        svg = poster(title, directors=("Somebody",))

        words = re.sub(r"\s", "", "".join(_title_lines(svg)))
        assert words.casefold() == re.sub(r"\s", "", title.title).casefold().replace("ß", "ss")


@pytest.mark.parametrize("genre", sorted({*FILM_GENRES, *SERIES_GENRES}))
def test_every_genre_has_palettes_and_compositions(genre: int) -> None:
    assert genre in PALETTES
    assert genre in COMPOSITIONS
    for number in range(1, 25):
        title = _film(id=number, genres=(genre,))
        assert len(list(_parsed(poster(title)).iter())) > 12
        assert _parsed(backdrop(title)).get("viewBox") == "0 0 1280 720"


def test_a_title_always_looks_the_same_and_another_looks_different() -> None:
    one, other = _film(id=1, genres=(18,)), _film(id=2, genres=(18,))

    assert poster(one) == poster(one)
    assert poster(one) != poster(other)


def test_a_title_without_known_genres_has_a_poster_too() -> None:
    for genres in ((), (4711,)):
        assert _parsed(poster(_film(genres=genres))).tag == f"{_SVG}svg"


@pytest.mark.parametrize(
    "title",
    [
        "<b>&amp;\"'</b>",
        "Salt & Thunder <script>alert(1)</script>",
        "a\x00b\x08c\x1f",
        "\ud800",
        "😀" * 40,
        "𝔊arden",
    ],
)
def test_no_title_can_break_the_file(title: str) -> None:
    svg = poster(_film(title), directors=(title,))

    picture = _parsed(svg)
    assert not [node for node in picture.iter() if "script" in node.tag]
    assert svg.encode("utf-8")


@given(st.text(max_size=120))
def test_any_text_makes_a_wellformed_poster(text: str) -> None:
    assert _parsed(poster(_film(text), directors=(text,))).tag == f"{_SVG}svg"


@given(st.text(alphabet=st.characters(categories=("L", "Zs", "N")), min_size=1, max_size=90))
def test_a_title_is_set_within_its_room(text: str) -> None:
    setting = set_title(text, width=428, height=215)

    assert setting.height <= 215
    assert all(width_of(line, setting.size) <= 428 + setting.size for line in setting.lines)


def test_a_short_title_is_set_large_and_a_long_one_in_several_lines() -> None:
    short = set_title("Marsh", width=428, height=215)
    long = set_title("What the Ferryman's Apprentice Never Told", width=428, height=215)

    assert len(short.lines) == 1
    assert short.size > 2 * long.size or len(long.lines) >= 3
    assert " ".join(long.lines) == "What the Ferryman's Apprentice Never Told"


def test_a_japanese_title_is_broken_between_letters() -> None:
    setting = set_title("雨のち青空となりの小鬼東京ラプソディ", width=428, height=215)

    assert len(setting.lines) > 1
    assert "".join(setting.lines) == "雨のち青空となりの小鬼東京ラプソディ"


def test_a_credit_that_does_not_fit_is_shortened() -> None:
    names = ("Bartholomew Featherstonehaugh-Cholmondeley", "Ada")

    svg = poster(_film(), directors=names)

    assert "&amp; ADA" not in svg
    assert "BARTHOLOMEW" in svg or "A FILM" in svg


@pytest.mark.parametrize("size", sorted({size for kind in SIZES.values() for size in kind}))
async def test_every_picture_comes_in_every_documented_size(
    connect: Connect, builder: CatalogueBuilder, size: str
) -> None:
    builder.film(id=550)
    client = connect(builder.build())
    originals = {"m550.svg": (1000, 1500), "m550-wide.svg": (1920, 1080)}

    for file, (width, height) in originals.items():
        picture = _parsed((await client.get(f"/t/p/{size}/{file}")).text)
        got = [round(float(picture.get(side, "0"))) for side in ("width", "height")]
        if size != "original":
            assert got["wh".index(size[0])] == pytest.approx(int(size[1:]), abs=1)
        assert got[0] / got[1] == pytest.approx(width / height, rel=0.02)


def test_sizes_are_tmdbs() -> None:
    assert set(SIZES["poster_sizes"]) == {
        *("w92", "w154", "w185", "w342", "w500", "w780", "original")
    }
    assert set(SIZES["backdrop_sizes"]) == {"w300", "w780", "w1280", "original"}
