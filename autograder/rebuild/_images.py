"""Pictures that students attach to answers which a person grades: looked at, decoded, written anew."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from autograder.rebuild._cells import printable

__all__ = ["Images"]

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")  # every further decoder is one more to trust with hostile bytes
MAX_IMAGE = 8 * 2**20  #: bytes of one file
MAX_PIXELS = 24_000_000  #: of one picture: what a phone takes
MAX_IMAGES = 30  #: of one submission
MAX_ALL_PIXELS = 240_000_000  #: of all pictures of one submission: twenty photographs, or ten as large as one may be
SIDE = 1600  #: pixels; larger pictures are scaled down
MAX_PNG = 3 * 2**20  #: bytes; noisier ones become JPEG
NAME = re.compile(r"[\w .()+-]{1,120}")


class Images:
    """Re-encode the attachments of one submission, within its budget.

    Attributes
    ----------
    refused : list of str
        What was left out, and why: "plan.svg (no PNG, JPEG, GIF or WebP)".
    """

    def __init__(self) -> None:
        self.left = MAX_IMAGES
        self.pixels_left = MAX_ALL_PIXELS
        self.refused: list[str] = []

    def reencode(self, attachments: dict[str, Any]) -> dict[str, dict[str, str]]:
        """Return those attachments that are pictures, as newly written files; note the others in `refused`."""
        kept = {}
        for name, bundle in attachments.items():
            try:
                kept[name] = self._reencode(name, bundle)
            except _Refused as refusal:
                self.refused.append(f"{printable(name)} ({refusal})")
            if len(self.refused) > MAX_IMAGES:
                break
        return kept

    def _reencode(self, name: str, bundle: Any) -> dict[str, str]:
        if not NAME.fullmatch(name):
            raise _Refused("its name has signs that are not taken")
        data = next(iter(bundle.values()), None) if isinstance(bundle, dict) else None
        if isinstance(data, list):
            data = "".join(line for line in data if isinstance(line, str))
        if not isinstance(data, str):
            raise _Refused("no data")
        if len(data) > MAX_IMAGE * 4 / 3 + 4:
            raise _Refused(f"larger than {MAX_IMAGE // 2**20} MiB")
        if self.left <= 0:
            raise _Refused(f"more than {MAX_IMAGES} pictures")
        self.left -= 1
        mime, content = _rewrite(data, self._spend)
        return {mime: base64.b64encode(content).decode()}

    def _spend(self, width: int, height: int) -> None:
        """Take a picture's pixels from what is left, before any of them is decoded."""
        if width * height > MAX_PIXELS:
            raise _Refused(f"{width} × {height} pixels are too many")
        if width * height > self.pixels_left:
            raise _Refused(f"all pictures together have more than {MAX_ALL_PIXELS // 10**6} million pixels")
        self.pixels_left -= width * height


class _Refused(Exception):  # noqa: N818 - an outcome as well
    """Why a picture is left out."""


def _rewrite(data: str, spend: Callable[[int, int], None]) -> tuple[str, bytes]:
    """Draw the pixels of a picture, and only them, on a new one, and write that; `spend` may refuse to decode them."""
    try:
        with Image.open(BytesIO(base64.b64decode(data)), formats=FORMATS) as image:
            spend(image.width, image.height)
            image.draft("RGB", (SIDE, SIDE))  # spares a large JPEG's memory
            photo = image.format == "JPEG"
            ImageOps.exif_transpose(image, in_place=True)
            pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
            pixels.thumbnail((SIDE, SIDE))
            fresh = Image.new(pixels.mode, pixels.size)
            fresh.paste(pixels)
        return _write(fresh, photo)
    except _Refused:
        raise
    except Exception:  # decoders raise whatever they like on hostile bytes
        raise _Refused("no readable PNG, JPEG, GIF or WebP") from None


def _write(image: Image.Image, photo: bool) -> tuple[str, bytes]:
    """Write as PNG what was drawn, as JPEG what was photographed or would be a huge PNG."""
    target = BytesIO()
    if not photo:
        image.save(target, "PNG")
        if target.tell() <= MAX_PNG:
            return "image/png", target.getvalue()
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image if image.mode == "RGBA" else None)
        image, target = white, BytesIO()
    image.save(target, "JPEG", quality=85)
    return "image/jpeg", target.getvalue()
