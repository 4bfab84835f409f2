"""Pictures of pages: what they are compared by, and where they are kept.

Machines draw the same letter a shade differently. So pictures are kept at half their size and compared at a quarter,
where a shade disappears and a word, a button or a colour does not. Two colours may be the same grey: each of red,
green and blue is looked at.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

from tests.house.sources import ROOT

FOLDER = Path(__file__).parent / "pictures"
DRAWN = ROOT / "var" / "golden"
LEVELS = 32  # of 256: what differs by less is the same
POINTS = 24  # so many that differ are a change: a word of some letters
TALLER = 8  # pixels by which a page may be longer or shorter


def load(path: Path) -> Image.Image:
    """A picture that is kept."""
    with Image.open(path) as kept:
        return kept.convert("RGB")


def halved(png: bytes) -> Image.Image:
    """A picture from the browser at half its size, as pictures are kept."""
    with Image.open(BytesIO(png)) as drawn:
        return drawn.convert("RGB").reduce(2)


def keep(picture: Image.Image, path: Path) -> None:
    """Store a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "WEBP", lossless=True, method=4)


def find_difference(before: Image.Image, after: Image.Image) -> str | None:
    """In what two pictures differ, in a few words; None when nobody would see it."""
    if before.width != after.width or abs(before.height - after.height) > TALLER // 2:
        return f"{after.size} instead of {before.size}"
    box = (0, 0, before.width, min(before.height, after.height))
    old, new = (picture.crop(box).reduce(2) for picture in (before, after))
    red, green, blue = ImageChops.difference(old, new).split()
    furthest = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    differing = sum(furthest.histogram()[LEVELS:])
    return f"{differing} points differ" if differing >= POINTS else None
