"""Images of strangers: what becomes of them, and what is none."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from server.kernel.images import (
    EDGE,
    LONGEST_DATA_URI,
    MOST_PIXELS,
    NotAnImage,
    as_small_png,
    bytes_of,
    data_uri,
    redraw,
    redrawn,
)


def image(form: str, size: tuple[int, int] = (300, 150), **options: object) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, form, **options)
    return written.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_known_formats_become_a_small_png(form: str) -> None:
    made = await as_small_png(image(form))
    with Image.open(BytesIO(made), formats=["PNG"]) as read:
        assert read.size == (EDGE, EDGE // 2)
        assert read.mode == "RGBA"


async def test_a_small_image_is_not_blown_up() -> None:
    with Image.open(BytesIO(await as_small_png(image("PNG", (16, 16))))) as read:
        assert read.size == (16, 16)


async def test_nothing_is_left_but_pixels() -> None:
    words = PngInfo()
    words.add_text("Comment", "<script>alert(1)</script>")
    made = await as_small_png(image("PNG", pnginfo=words, icc_profile=b"profile") + b"<script>alert(1)</script>")
    assert b"script" not in made
    with Image.open(BytesIO(made)) as read:
        assert read.info == {}


async def test_an_animation_stands_still() -> None:
    written = BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(BytesIO(await as_small_png(written.getvalue()))) as read:
        assert getattr(read, "n_frames", 1) == 1


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM", "PDF", "TGA"])
async def test_other_formats_are_none(form: str) -> None:
    with pytest.raises(NotAnImage):
        await as_small_png(image(form, (16, 16)))


@pytest.mark.parametrize("content", [b"", b"GIF89a", SVG, b"<!doctype html>", image("PNG")[:60], image("JPEG")[:200]])
async def test_what_is_no_image_is_none(content: bytes) -> None:
    with pytest.raises(NotAnImage):
        await as_small_png(content)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


async def test_a_bomb_is_not_unpacked() -> None:
    """A kilobyte that says it is 50 000 times 50 000 pixels."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(b"\x00" * 1_000_000)) + _chunk(b"IEND", b"")
    with pytest.raises(NotAnImage, match="too many pixels"):
        await as_small_png(bomb)


async def test_the_largest_image_that_is_read() -> None:
    edge = int(MOST_PIXELS**0.5)
    assert await as_small_png(image("PNG", (edge, edge)))
    with pytest.raises(NotAnImage):
        await as_small_png(image("PNG", (edge, edge + 1)))


async def test_words_that_unpack_to_more_than_they_are_worth_are_none() -> None:
    words = PngInfo()
    for number in range(80):
        words.add_text(f"k{number}", "x" * 1_000_000, zip=True)
    with pytest.raises(NotAnImage):
        await as_small_png(image("PNG", (16, 16), pnginfo=words))


async def test_data_uri_is_drawn_anew_whatever_it_calls_itself() -> None:
    named_wrongly = "data:image/svg+xml;base64," + base64.b64encode(image("JPEG")).decode()
    drawn = await redraw(named_wrongly)
    assert bytes_of(drawn) == await as_small_png(image("JPEG"))
    assert redrawn(drawn) == drawn


def test_largest_picture_of_ours_fits_a_data_uri() -> None:
    noise = Image.effect_noise((EDGE, EDGE), 200)
    written = BytesIO()
    Image.merge("RGBA", (noise, noise.rotate(90), noise.rotate(180), noise.rotate(270))).save(written, "PNG")
    assert len(data_uri(written.getvalue())) <= LONGEST_DATA_URI


@pytest.mark.parametrize(
    "uri", ["", "https://acme.test/logo.png", "data:image/png,AAAA", "data:;base64,%", "data:;base64,AAAA"]
)
async def test_what_holds_no_picture_is_refused(uri: str) -> None:
    with pytest.raises(NotAnImage):
        await redraw(uri)
