"""The Python half that all live figures share: one text per module, a static twin per figure."""

import re
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ._svg import node, rich

HERE = Path(__file__).parent
_COMMENT = re.compile(r"^(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


def bundle(name: str) -> str:
    """Join an ES module with the modules it imports from this folder, each once.

    Jupyter and the site receive one text per figure, so nothing has to be fetched and no bundler is
    needed; in the repository each file stays an ordinary module. Names must be unique among the
    joined files, and imports must not rename. Comments that begin a line stay behind: readers load the rest.

    Parameters
    ----------
    name : str
        The figure's module, without ``.js``.

    Raises
    ------
    ValueError
        If an import is of a form that cannot be joined.

    Examples
    --------
    >>> "import" in bundle("_rates")
    False
    """
    joined: dict[str, str] = {}

    def add(part: str) -> None:
        if part in joined:
            return
        source = (HERE / f"{part}.js").read_text(encoding="utf-8")
        for needed in _IMPORT.findall(source):
            add(needed)
        source = _COMMENT.sub("", _IMPORT.sub("", source))
        if stray := re.search(r"^import .*", source, re.MULTILINE):
            raise ValueError(f'{part}.js: write imports as import {{ a, b }} from "./x.js"; got {stray[0]!r}')
        joined[part] = source

    add(name)
    return "\n".join(joined.values())


class LiveFigure(anywidget.AnyWidget):
    """A figure to play with: in Jupyter an ordinary widget, on the site the same picture without a kernel.

    A subclass sets ``_esm = bundle("its_module")``, the traits its sliders move, and says in
    ``panels`` what the picture shows before anyone has touched it.

    Attributes
    ----------
    title : str
        The figure's accessible name.
    alt : str
        What the eye would see in the main panel.
    caption : str
        Shown below the figure; empty where the page brings its own. ``λ_M`` becomes a subscript.
    """

    _css = (HERE / "_kit.css").read_text(encoding="utf-8")
    title = traitlets.Unicode("").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area (main, controls, side, table)."""
        raise NotImplementedError

    def describe(self) -> str:
        """Say the present state in a sentence or two, word for word as the module does."""
        raise NotImplementedError

    def static_html(self) -> str:
        """Draw the figure without JavaScript: for print, search engines and the moment before it is live.

        The site's host finds it by ``data-live`` and puts the live figure in its place.
        """
        areas = (node("div", html, class_=f"live-{area}") for area, html in self.panels().items())
        body = node("div", *areas, node("p", escape(self.describe()), class_="live-say"), class_="live-body")
        caption = node("figcaption", rich(self.caption)) if self.caption else ""
        figure = node("figure", body, caption, class_="live", role="group", aria_label=self.title)
        return node("div", node("style", self._css), figure, data_live=self.model_id)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Offer the widget to Jupyter and the static picture to whatever cannot run it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/html": self.static_html()}, metadata

    def __repr__(self) -> str:
        """Show the constructor call, without trait serialization and without an address."""
        skip = {"title", "alt", "caption"}
        own = {k: v for k in self.trait_names(control=True) if k not in skip and (v := getattr(self, k)) is not None}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in own.items())})"


def bounded(owner: str, name: str, value: float, low: float, high: float) -> float:
    """Check a trait at the door.

    Raises
    ------
    traitlets.TraitError
        If ``value`` lies outside [low, high].
    """
    if not low <= value <= high:
        raise traitlets.TraitError(f"{owner}: {name} must lie in [{low}, {high}], got {value!r}")
    return value
