"""Images of strangers, made our own: read by few decoders, within bounds, and written anew without anything but pixels.

What is served afterwards never was a stranger's file: no script, no second file behind the first, no metadata.
"""

from __future__ import annotations

import asyncio
from io import BytesIO

from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 4_000_000
EDGE = 128  # pixels
AT_ONCE = 2

# The library would warn of large images and go on; here the size is looked at before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_turns = asyncio.Semaphore(AT_ONCE)


class NotAnImage(Exception):
    """Not one of the formats, broken, or larger than anybody needs."""


async def as_small_png(content: bytes) -> bytes:
    """The first frame as a PNG of at most 128 pixels in each direction; raises NotAnImage."""
    async with _turns:
        return await asyncio.to_thread(_as_small_png, content)


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
