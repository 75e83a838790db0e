"""Make what students wrote and printed safe to show: in formgrader, in feedback, in the instructor's browser.

Outputs keep plain text and pictures; HTML, JavaScript, SVG, LaTeX and widgets do not pass, nor do terminal control
sequences. Markdown keeps its meaning, but no tag of it reaches the page.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from PIL import Image

__all__ = ["CUT", "Pictures", "markdown", "outputs", "text"]

MAX_TEXT = 20_000  #: characters kept per output
MAX_OUTPUTS = 50  #: outputs kept per cell
MAX_IMAGE = 2_000_000  #: bytes of an encoded picture
MAX_PIXELS = 4_000_000
MAX_ALL_PIXELS = 80_000_000  #: of all pictures that one notebook shows: some two hundred plots
MAX_ALL_BYTES = 32 * 2**20  #: of all of them, written anew
LEFT_OUT = "(a picture is left out here: those before it are as much as one notebook may show)"
CUT = "… cut here: {} more characters"

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# what MathJax would follow or load
_ACTIVE_TEX = re.compile(r"\\(href|require|style|class|cssId|unicode|html\w*|data|bbox|mmlToken)\b", re.IGNORECASE)
_SCHEME = re.compile(r"(?i)(javascript|vbscript|data|file)([\s\\]*):(?!\w*image/(png|jpeg|gif))")
_REMOTE = re.compile(r"!(?=\[)(?!\[[^\]\[]*\]\(\s*(?:attachment:|data:image/(?:png|jpeg|gif)))")


def text(value: Any) -> str:
    r"""Return plain text: no terminal sequences, no control or direction characters, cut to `MAX_TEXT`.

    Examples
    --------
    >>> text("\x1b[31mred\x1b[0m and \x07 bell")
    'red and  bell'
    """
    whole = "".join(map(str, value)) if isinstance(value, list) else str(value)
    more = len(whole) - MAX_TEXT
    clean = _CONTROLS.sub("", _ESCAPES.sub("", whole[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")))
    return f"{clean}\n{CUT.format(more)}" if more > 0 else clean


def data(value: Any) -> Any:
    r"""Return plain data, such as a report that quotes a student, with every text in it made plain.

    Examples
    --------
    >>> data({"clue": ("\x1b[1mbold", 2.0, None)})
    {'clue': ['bold', 2.0, None]}
    """
    if isinstance(value, dict):
        return {key: data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [data(item) for item in value]
    return text(value) if isinstance(value, str) else value


def markdown(source: str) -> str:
    """Return markdown whose tags are text, whose links and formulas start nothing, and whose pictures came with it.

    A blank after ``<`` is enough to make a tag text, and leaves formulas as they are.

    Examples
    --------
    >>> markdown("a < b, <script>alert(1)</script> and [x](javascript:alert(1))")
    'a < b, < script>alert(1)< /script> and [x](blocked:alert(1))'
    """
    calm = re.sub(r"<(?=[A-Za-z/!?])", "< ", text(source))
    calm = re.sub(r"&(?=#?\w+;)", "& ", calm)  # entities could spell what is looked for next
    calm = _SCHEME.sub("blocked:", calm)
    calm = _REMOTE.sub("", calm)  # a picture from elsewhere tells who looked, and when: it becomes a link
    return _ACTIVE_TEX.sub(lambda m: f"\\text{{{m[1]}}}", calm)


class Pictures:
    """What the pictures of one notebook may still take, of time to redraw them and of room to keep them."""

    def __init__(self) -> None:
        self.pixels, self.bytes = MAX_ALL_PIXELS, MAX_ALL_BYTES

    @property
    def spent(self) -> bool:
        """Whether no more pictures are shown."""
        return self.pixels < 0 or self.bytes < 0


def outputs(found: Iterable[Mapping[str, Any]], pictures: Pictures | None = None) -> list[dict[str, Any]]:
    """Return nbformat outputs of a student's cell, reduced to what can only be looked at.

    Parameters
    ----------
    found
        The outputs.
    pictures
        What all cells of a notebook share; by default these outputs are alone.
    """
    pictures = pictures or Pictures()
    kept: list[dict[str, Any]] = []
    everything = list(found)
    for output in everything[:MAX_OUTPUTS]:
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            kept.append({"output_type": "stream", "name": name, "text": text(output.get("text", ""))})
        elif kind == "error":
            kept.append(_error(output))
        elif kind in ("display_data", "execute_result"):
            kept.append({"output_type": "display_data", "metadata": {}, "data": _data(output.get("data"), pictures)})
    if len(everything) > MAX_OUTPUTS:
        left = f"{len(everything) - MAX_OUTPUTS} more outputs were left out\n"
        kept.append({"output_type": "stream", "name": "stdout", "text": left})
    return kept


def _error(output: Mapping[str, Any]) -> dict[str, Any]:
    lines = output.get("traceback")
    trace = [text(line) for line in lines[-40:]] if isinstance(lines, list) else []
    name, value = text(output.get("ename", "Error"))[:200], text(output.get("evalue", ""))[:2000]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}


def _data(data: Any, pictures: Pictures) -> dict[str, str]:
    if not isinstance(data, Mapping):
        return {"text/plain": "(an output that could not be read)"}
    said = text(data.get("text/plain", "")) or "(an output that is neither text nor a picture is not shown here)"
    for encoded in (data.get("image/png"), data.get("image/jpeg")):
        if picture := _picture(encoded, pictures):
            return {"image/png": picture, "text/plain": said}
        if encoded and pictures.spent:
            return {"text/plain": f"{said}\n{LEFT_OUT}"}
    return {"text/plain": said}


def _picture(encoded: Any, pictures: Pictures) -> str:
    """Decode a picture and encode it anew, so that nothing but its pixels is left; empty where that fails."""
    if pictures.spent or not isinstance(encoded, str) or len(encoded) > MAX_IMAGE * 4 // 3:
        return ""
    try:
        raw = base64.b64decode(encoded, validate=False)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as image:
                pixels = image.width * image.height
                if pixels > MAX_PIXELS:
                    return ""
                pictures.pixels -= pixels  # though it may turn out to be broken: it takes its time all the same
                if pictures.spent:
                    return ""
                fresh = io.BytesIO()
                image.convert("RGBA").save(fresh, "PNG")
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        return ""  # no picture after all: what Pillow raises for broken files
    pictures.bytes -= fresh.tell()
    return "" if pictures.spent else base64.b64encode(fresh.getvalue()).decode("ascii")
