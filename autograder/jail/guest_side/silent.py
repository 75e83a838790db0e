"""Stands in for `dlopt.checks` inside the jail: every check does nothing and returns None.

Check cells run outside, in the judge. This module lets a set-up cell's import, and a check that a student
calls in a cell of their own, pass without a word.
"""

__all__: list[str] = []


class Silent:
    """Any check, and any module of checks."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> "Silent":
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def __getattr__(name: str) -> Silent:
    if name.startswith(("__", "pytest")):  # what the import system, and pytest on its way past, ask for
        raise AttributeError(name)
    return Silent()
