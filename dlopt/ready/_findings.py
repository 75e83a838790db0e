"""What is found in a notebook: sentences, sorted by what they mean for handing in."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Findings"]


@dataclass
class Findings:
    """Sentences about one notebook, each complete in itself.

    Parameters
    ----------
    stop : list of str
        What to mend first: as it is, work would be lost.
    but : list of str
        What costs points or gets changed on the way; it can be handed in all the same.
    note : list of str
        What is good to know and costs nothing.
    """

    stop: list[str] = field(default_factory=list)
    but: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)

    def __iadd__(self, other: Findings) -> Findings:
        self.stop += other.stop
        self.but += other.but
        self.note += other.note
        return self
