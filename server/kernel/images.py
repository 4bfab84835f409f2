"""Images of strangers, made our own: read by few decoders, within bounds, and written anew without anything but pixels.

What is served afterwards never was a stranger's file: no script, no second file behind the first, no metadata.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from io import BytesIO

from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 4_000_000
EDGE = 128  # pixels
AT_ONCE = 2
# What one of ours is at most, as a data URI: four bytes a pixel that no compression makes smaller.
LONGEST_DATA_URI = 90_000

# The library would warn of large images and go on; here the size is looked at before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_DATA_URI = re.compile(r"data:[a-z0-9.+/-]{0,100};base64,", re.ASCII)

_turns = asyncio.Semaphore(AT_ONCE)


class NotAnImage(Exception):
    """Not one of the formats, broken, or larger than anybody needs."""


async def as_small_png(content: bytes) -> bytes:
    """The first frame as a PNG of at most 128 pixels in each direction; raises NotAnImage."""
    async with _turns:
        return await asyncio.to_thread(_as_small_png, content)


async def redraw(uri: str) -> str:
    """The picture in a data URI (RFC 2397, base64), whatever it calls itself, as ours in another; raises NotAnImage."""
    return data_uri(await as_small_png(bytes_of(uri)))


def redrawn(uri: str) -> str:
    """The same at once, for programs that have nothing else to do meanwhile."""
    return data_uri(_as_small_png(bytes_of(uri)))


def data_uri(png: bytes) -> str:
    """A PNG as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def bytes_of(uri: str) -> bytes:
    """What a data URI holds; raises NotAnImage for any other text."""
    prefix = _DATA_URI.match(uri)
    if prefix is None:
        raise NotAnImage("not a data URI in base64")
    try:
        return base64.b64decode(uri[prefix.end() :], validate=True)
    except binascii.Error as error:
        raise NotAnImage("not base64") from error


def _as_small_png(content: bytes) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise NotAnImage("too many pixels")
            image.thumbnail((EDGE, EDGE))
            pixels = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise NotAnImage(type(error).__name__) from error
    # A new image has nothing of the old one but what is painted on it.
    clean = Image.new("RGBA", pixels.size)
    clean.paste(pixels)
    written = BytesIO()
    clean.save(written, "PNG")
    return written.getvalue()
