"""Run a live figure's pure functions without a browser."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import quickjs

from dlopt.live._base import bundle

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Module:
    """A figure's ES module: ``module("state", {...})`` calls what it exports, plain data in and out."""

    def __init__(self, name: str):
        source = bundle(name)
        names = re.findall(r"^export (?:const|function) (\w+)", source, re.MULTILINE)
        self.context = quickjs.Context()
        self.context.module(f"{source}\nglobalThis.module = {{ {', '.join(names)} }};")
        self.context.eval("const plain = (k, v) => (Number.isFinite(v) || typeof v !== 'number' ? v : `#${v}`);")

    def __call__(self, function: str, *arguments: object) -> Any:
        return self.run(f"module.{function}(...{json.dumps(arguments)})")

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript that may use ``module``."""
        return self._back(json.loads(self.context.eval(f"JSON.stringify({expression}, plain)")))

    def _back(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._back(v) for v in value]
        if isinstance(value, dict):
            return {k: self._back(v) for k, v in value.items()}
        return SPECIAL[value[1:]] if isinstance(value, str) and value.startswith("#") else value


@pytest.fixture(scope="session")
def javascript() -> Callable[[str], Module]:
    """Load a figure's module by name."""
    return Module
