"""What stands beside a student's function in their notebook. Self-contained: it may run where their code lives."""

from __future__ import annotations

from typing import Any

__all__ = ["neighbour"]


def neighbour(function: Any, name: str) -> Any:
    """Return what a name means where a function was written, or None.

    Examples
    --------
    >>> neighbour(neighbour, "__all__")
    ['neighbour']
    """
    return getattr(function, "__globals__", {}).get(name)
