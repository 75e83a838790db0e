"""Dates and times as people write them, with the time zone that makes them a moment."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from autograder.settings._check import meant

__all__ = ["moment", "zone"]

FORM = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?\s*(Z|[+-]\d{2}:?\d{2})?")
EXAMPLE = "2026-10-02 23:59"


def zone(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises
    ------
    ValueError
        If there is none of that name; the sentence names the nearest.
    """
    known = available_timezones()
    if name in known:
        return ZoneInfo(name)
    raise ValueError(
        f"there is no time zone {name!r}.{meant(name, known)} A name such as Europe/Helsinki was expected."
    )


def moment(text: str, tz: ZoneInfo | None) -> datetime:
    """Read a date with a time; it has its own offset, or the course's time zone holds.

    Raises
    ------
    ValueError
        If it is no date, has no time or no zone, or the clocks skip or repeat it; the sentence says what to write.

    Examples
    --------
    >>> moment("2026-10-02 23:59", ZoneInfo("Europe/Helsinki")).isoformat()
    '2026-10-02T23:59:00+03:00'
    >>> moment("2026-10-02T23:59Z", None).isoformat()
    '2026-10-02T23:59:00+00:00'
    """
    found = FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(f"a date and time such as {EXAMPLE} was expected; got {text!r}.")
    day, time, offset = found.groups()
    if time is None:
        raise ValueError(f"{text!r} has no time of day; write {day} 23:59 for the end of that day.")
    try:
        naive = datetime.fromisoformat(f"{day}T{time}")
        if offset:
            return datetime.fromisoformat(f"{day}T{time}{offset}")
    except ValueError as error:
        raise ValueError(f"{text!r} is no date of the calendar: {error}.") from None
    if tz is None:
        raise ValueError(
            f"{text!r} has no time zone; put a line such as `timezone: Europe/Helsinki` at the top of the file, "
            f"or write the offset here: {day} {time}+02:00."
        )
    local = naive.replace(tzinfo=tz)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise ValueError(f"the clocks of {tz.key} change at {text!r}, so it is no or two moments; choose another time.")
    return local
