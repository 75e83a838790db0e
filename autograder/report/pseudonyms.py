"""Names for people in a page that may lie on a screen: the same all term, and of no use without the course's key."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

__all__ = ["KEY_FILE", "Pseudonyms", "without_names"]

KEY_FILE = ".pseudonyms.key"
"""In the course root, beside the gradebook: whoever has it can tell who is who, and nobody else."""


class Pseudonyms:
    """Turn student ids into codes such as ``S-7KQ2MX``.

    A code is a keyed hash (HMAC-SHA256) of the id. Hashes without a key could be undone by hashing the class list.

    Parameters
    ----------
    key : bytes
        The course's secret.

    Examples
    --------
    >>> Pseudonyms(b"k").of("ada") == Pseudonyms(b"k").of("ada") != Pseudonyms(b"another").of("ada")
    True
    """

    def __init__(self, key: bytes) -> None:
        self.key = key

    @classmethod
    def of_course(cls, root: Path) -> Pseudonyms:
        """Read the key of a course, or make one that only the instructor's account can read."""
        file = root / KEY_FILE
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
        return cls(file.read_text(encoding="ascii").strip().encode())

    def of(self, student: str) -> str:
        """Return the code of a student."""
        digest = hmac.new(self.key, student.encode(), sha256).digest()
        return f"S-{base64.b32encode(digest)[:7].decode()}"


def without_names(text: str, names: Iterable[str]) -> str:
    r"""Return a text with every mention of these names blacked out, whatever their case.

    A name of five letters or more is found inside other words as well; "Ines" does not black out "lines".

    Examples
    --------
    >>> without_names("# by Ada Lovelace\nADA = 1", ["Ada", "Lovelace"])
    '# by ▇ ▇\n▇ = 1'
    """
    for name in sorted({name for name in names if len(name) > 1}, key=len, reverse=True):
        whole = re.escape(name) if len(name) > 4 else rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])"
        text = re.sub(whole, "▇", text, flags=re.IGNORECASE)
    return text
