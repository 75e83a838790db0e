"""All attacks, from the modules beside this one."""

import importlib

from tests.redteam.register import ATTACKS, KINDS

__all__ = ["ATTACKS", "KINDS"]

for name in ("notebook", "values", "meddling", "bridge", "secrets", "damage", "service", "pages", "folders"):
    importlib.import_module(f"tests.redteam.{name}")
