"""Jupyter Book, with the chapters run beside one another: ``python -m book.execute`` takes its command line.

Jupyter Book comes to the pages one after the other and runs each when it gets there. So before it starts, the
pages that its execution cache does not know are run at once, one kernel each, and put where it will look.
Both share one process because their libraries take seconds to import.

A page that fails is never put into the cache, and Jupyter Book does not start: it would run the page again, to
say what is known already. What printed warnings goes in, and Jupyter Book refuses it when it makes the page.
"""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_book.config import get_final_config
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import NbProjectRecord
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.config import NbParserConfig
from myst_nb.core.execute import NotebookClientCache, create_client
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

__all__ = ["Page", "fill", "pages"]

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """A page with cells, as myst-nb reads it."""

    path: Path
    notebook: Any  # nbformat's NotebookNode; running the page writes its outputs here
    config: NbParserConfig
    read_fmt: dict[str, str] | None

    @property
    def cells(self) -> int:
        """How many code cells it has."""
        return sum(cell.cell_type == "code" for cell in self.notebook.cells)


def pages(root: Path) -> list[Page]:
    """Read the pages of the table of contents that run through the execution cache.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    list of Page
        In the order of the table of contents; none if it is malformed, which Jupyter Book will say.
    """
    try:
        names = list(parse_toc_yaml(root / "_toc.yml"))
    except (MalformedError, OSError):
        return []
    nb_config, md_config = _configs(root)
    paths = [(root / name).with_name(Path(name).name + end) for name in names for end in (".md", ".ipynb")]
    found = [_read(path, nb_config, md_config) for path in paths if path.is_file()]
    return [page for page in found if page is not None]


def _configs(root: Path) -> tuple[NbParserConfig, MdParserConfig]:
    """Configure the reading of pages as Jupyter Book, myst-nb and myst-parser do it."""
    values, _ = get_final_config(
        user_yaml=root / "_config.yml", cli_config={"latex_individualpages": False}, validate=False
    )
    notebooks = {
        name: values[f"nb_{name}"]
        for name, _, field in NbParserConfig().as_triple()
        if not field.metadata.get("sphinx_exclude") and f"nb_{name}" in values
    }
    markdown = {
        name: values[f"myst_{name}"]
        for name, _, field in MdParserConfig().as_triple()
        if "sphinx" not in field.metadata.get("omit", []) and f"myst_{name}" in values
    }
    notebooks["execution_cache_path"] = notebooks.get("execution_cache_path") or str(root / "_build" / ".jupyter_cache")
    return NbParserConfig(**notebooks), MdParserConfig(**markdown)


def _read(path: Path, config: NbParserConfig, md_config: MdParserConfig) -> Page | None:
    """Read a page as myst-nb's parser does; None if it has no cells to run through the cache."""
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), md_config, config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    if overrides := dict(notebook.metadata.get(config.metadata_key, {})):
        overrides.pop("output_folder", None)
        config = config.copy(**overrides)
    client = create_client(notebook, str(path), config, LOGGER, reader.read_fmt)
    return Page(path, notebook, config, reader.read_fmt) if isinstance(client, NotebookClientCache) else None


def fill(root: Path) -> dict[Path, Exception]:
    """Run what the execution cache lacks, in as many kernels as there are cores, and put it in.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    dict
        The pages that failed, which the cache still lacks, and why.
    """
    # the longest first, so that none of them starts when the others are done
    lacking = sorted(filter(_lacks, pages(root)), key=lambda page: page.cells, reverse=True)
    failed: dict[Path, Exception] = {}
    # a thread only waits for its kernel, a process; in one process, kernels never get the same port
    with ThreadPoolExecutor(max(1, min(len(lacking), os.cpu_count() or 1))) as pool:
        running = {pool.submit(_run, page): page for page in lacking}
        for done in as_completed(running):  # whatever comes after, this one need not run again
            page, result = running[done], done.result()
            if isinstance(result, Exception):
                failed[page.path] = result
            else:
                _keep(page, result)
    return failed


def _lacks(page: Page) -> bool:
    """Whether the cache does not know these cells."""
    try:
        get_cache(page.config.execution_cache_path).match_cache_notebook(page.notebook)
    except KeyError:
        return True
    return False


def _run(page: Page) -> float | Exception:
    """Run a page in a kernel of its own; return the seconds it took, or what went wrong."""
    with TemporaryDirectory() as folder:
        try:
            result = single_nb_execution(
                page.notebook,
                cwd=folder if page.config.execution_in_temp else str(page.path.parent),
                allow_errors=page.config.execution_allow_errors,
                timeout=page.config.execution_timeout,
            )
        except (RuntimeError, NoSuchKernel) as error:  # its kernel died, or there is none of that name
            return error
    failure: Exception | None = result.err
    return failure or float(result.time)


def _keep(page: Page, seconds: float) -> None:
    """Put the outputs of a page into the cache, as myst-nb would."""
    cache = get_cache(page.config.execution_cache_path)
    reading = {} if page.read_fmt is None else {"read_data": page.read_fmt}
    record = cache.add_nb_to_project(str(page.path), **reading)
    NbProjectRecord.remove_tracebacks([record.pk], cache.db)
    bundle = CacheBundleIn(page.notebook, record.uri, data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def main() -> None:
    """Fill the cache of the book whose folder is the second argument, then hand over to Jupyter Book."""
    failed = fill(Path(sys.argv[2]).absolute())
    for path, error in failed.items():
        # in the words of Jupyter Book, for book.build.reasons
        print(f"{path}: WARNING: Executing notebook failed: {type(error).__name__} [mystnb.exec]", file=sys.stderr)
    for error in failed.values():
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    if failed:
        sys.exit(1)
    # not above: importing its command line warns, and a test turns warnings into errors
    from jupyter_book.cli.main import main as jupyter_book

    jupyter_book()


if __name__ == "__main__":
    main()
