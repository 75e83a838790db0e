"""Leave for later what other packages do while they are imported, and what grading hardly ever needs."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["nbgrader_utils", "postpone_grammar"]

GRAMMAR = "rfc3987_syntax"
ALONE = f"{__name__}.nbgrader_utils"


class _Postponed(ModuleType):
    """Stands for `rfc3987_syntax` until somebody wants to know whether a text is an address."""

    def is_valid_syntax(self, *args: Any) -> Any:
        """Import the real module, which takes a second to build its grammar, and ask that one."""
        if sys.modules.get(GRAMMAR) is self:
            del sys.modules[GRAMMAR]
        return import_module(GRAMMAR).is_valid_syntax(*args)


def postpone_grammar() -> None:
    """Keep jsonschema from building the grammar of internationalised addresses in every process that reads a notebook.

    ``jsonschema`` imports ``rfc3987_syntax`` where that is installed, for a check of formats that nobody asks for here.
    Whoever does ask gets the same answers, a second later.
    """
    if GRAMMAR not in sys.modules and "jsonschema" not in sys.modules and find_spec(GRAMMAR) is not None:
        sys.modules[GRAMMAR] = _Postponed(GRAMMAR)


def nbgrader_utils() -> Any:
    """Return `nbgrader.utils` without the rest of nbgrader, unless that is there already.

    ``import nbgrader`` brings its server extensions, its commands and its database: most of a second in which a worker
    of the engine could have started.
    """
    if "nbgrader" in sys.modules:
        return import_module("nbgrader.utils")
    if ALONE not in sys.modules:
        package = find_spec("nbgrader")
        assert package is not None
        assert package.submodule_search_locations
        spec = spec_from_file_location(ALONE, Path(package.submodule_search_locations[0], "utils.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[ALONE] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[ALONE])
    return sys.modules[ALONE]
