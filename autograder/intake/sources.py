"""Read folders and zips that strangers made: every file is checked, and none is written where its name says.

Names are only looked at, never used as paths. A zip is read entry by entry into memory, up to a limit; nothing is
extracted. So ``..``, absolute paths and links can do nothing, and are refused all the same, for they are no accident.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import CourseError
from autograder.judge.intake import TIMESTAMP
from autograder.rebuild import NOTEBOOK
from dlopt.notebooks import MAX_BYTES

__all__ = ["File", "Refused", "checked_name", "read_folder", "read_zip", "wanted"]

MAX_FILES = 20_000  #: files in a source
MAX_NAME = 500  #: characters of a path inside a source
MAX_TOTAL = 2 << 30  #: bytes of all files of a zip, unpacked
MAX_RATIO = 200  #: how much smaller than its content an entry of more than a megabyte may be
IGNORED = re.compile(r"(^|/)(__MACOSX|\.ipynb_checkpoints|\.DS_Store|Thumbs\.db|desktop\.ini)(/|$)")


def wanted(name: str) -> bool:
    """Tell whether a file's content matters; anything else is only named, and never read."""
    return NOTEBOOK.search(name) is not None or name.rpartition("/")[2] == TIMESTAMP


class Refused(Exception):  # noqa: N818 - it is an outcome, not an error
    """A file that is not taken in; its message is the whole explanation."""


@dataclass(frozen=True)
class File:
    """One file of a source: its name inside it, and either what it holds or why it is refused.

    Parameters
    ----------
    name : str
        The path inside the source, as written there.
    data : bytes
        What it holds; empty where refused, and where it is neither a notebook nor a time.
    time : datetime or None
        The file's own time, UTC.
    refused : str
        Why it is not taken; empty where it is.
    """

    name: str
    data: bytes = b""
    time: datetime | None = None
    refused: str = ""


def checked_name(name: str) -> str:
    """Return a name inside a source in composed Unicode.

    Raises
    ------
    Refused
        If it could lead out of the source, or looks like another name.
    """
    if len(name) > MAX_NAME:
        raise Refused(f"its name has more than {MAX_NAME} characters")
    if "\\" in name:
        raise Refused("its name has a backslash: it was meant to be a path, and might lead out of the folder")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused("its name is an absolute path")
    if ".." in name.split("/"):
        raise Refused("its name leads out of the folder (..)")
    for character in name:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            code = f"U+{ord(character):04X}"
            raise Refused(f"its name has a character that cannot be seen ({code}): it may look like another name")
    return unicodedata.normalize("NFC", name)


def read_folder(folder: Path) -> Iterator[File]:
    """Yield every file of a folder, sorted; links are refused, not followed."""
    paths = sorted(p for p in _walk(folder) if not IGNORED.search(p.relative_to(folder).as_posix()))
    names = Counter(unicodedata.normalize("NFC", p.relative_to(folder).as_posix()).casefold() for p in paths)
    for number, path in enumerate(paths):
        name = path.relative_to(folder).as_posix()
        try:
            if number >= MAX_FILES:
                raise Refused(f"there are more than {MAX_FILES} files")
            checked = checked_name(name)
            if names[checked.casefold()] > 1:
                raise Refused("another file has the same name but for capitals or accents: which one is meant?")
            data, time = _read_file(path) if wanted(checked) or path.is_symlink() else (b"", None)
        except Refused as error:
            yield File(name, refused=str(error))
            continue
        yield File(checked, data, time)


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, followlinks=False):
        linked = [name for name in folders if (Path(here) / name).is_symlink()]
        yield from (Path(here) / name for name in [*files, *linked])


def _read_file(path: Path) -> tuple[bytes, datetime | None]:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise Refused("it is a link" if path.is_symlink() else f"it cannot be read ({error.strerror})") from None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise Refused("it is no ordinary file")
        if about.st_nlink > 1 and about.st_uid != os.getuid():
            raise Refused("it is a hard link to somebody else's file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused(f"it has more than {MAX_BYTES >> 20} MiB")
    return data, datetime.fromtimestamp(about.st_mtime, UTC)


def read_zip(path: Path) -> Iterator[File]:
    """Yield every file of a zip.

    Raises
    ------
    CourseError
        If it is no zip, or one that pretends to be larger than any class.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CourseError(f"{path} is no zip that can be read: {error}") from None
    with archive:
        entries = [e for e in archive.infolist() if not e.is_dir() and not IGNORED.search(e.filename)]
        if len(entries) > MAX_FILES:
            raise CourseError(f"{path} holds {len(entries)} files; more than {MAX_FILES} is no class")
        names = Counter(unicodedata.normalize("NFC", entry.filename).casefold() for entry in entries)
        left = MAX_TOTAL
        for entry in entries:
            try:
                name = checked_name(entry.orig_filename)
                if names[name.casefold()] > 1:
                    raise Refused("another file of the zip has the same name, at least but for capitals or accents")
                data = _read_entry(archive, entry, left) if wanted(name) else b""
            except Refused as error:
                yield File(entry.orig_filename, refused=str(error))
                continue
            left -= len(data)
            yield File(name, data, _entry_time(entry))


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Read one entry, believing nothing that its header says."""
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Refused("it is a link" if stat.S_ISLNK(mode) else "it is no ordinary file")
    if entry.flag_bits & 0x1:
        raise Refused("it is encrypted")
    if entry.file_size > MAX_BYTES:
        raise Refused(f"it has more than {MAX_BYTES >> 20} MiB")
    if entry.file_size > 1 << 20 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise Refused("it is packed as tightly as a zip bomb")
    try:
        with archive.open(entry) as file:
            data = file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"it cannot be unpacked ({error})") from None
    if len(data) > min(MAX_BYTES, left):
        raise Refused("it is larger than it says, or the zip as a whole is too large")
    return data


def _entry_time(entry: zipfile.ZipInfo) -> datetime | None:
    """Return an entry's time: zips hold local time, and 1980 where there is none."""
    try:
        time = datetime(*entry.date_time)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.year > 1980 else None
