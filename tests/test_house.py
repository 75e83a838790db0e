"""The house rules that no other test looks at."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from autograder.no_outputs import main, with_outputs

ROOT = Path(__file__).parents[1]
TRACKED = [
    ROOT / name
    for name in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    if name
]
NOTEBOOKS = [path for path in TRACKED if path.suffix == ".ipynb"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "dlopt").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_dlopt_never_imports_autograder(path):
    assert not imported(path) & {"autograder", "nbgrader", "book"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_notebooks_are_committed_without_outputs(path):
    assert with_outputs(path) == []


def test_a_notebook_with_outputs_is_refused_by_name(tmp_path, capsys):
    path = tmp_path / "run.ipynb"
    path.write_text(NOTEBOOKS[0].read_text(encoding="utf-8").replace('"execution_count": null', '"execution_count": 1'))
    assert main([str(path)]) == 1
    assert "run.ipynb: outputs in cells" in capsys.readouterr().out


def test_requirements_are_pinned_exactly_and_say_why():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] not in "#-"]
    assert all(re.fullmatch(r"[\w-]+==[\w.]+(; [^#]+)?\s+# .+", line) for line in lines), lines


def test_constraints_cover_every_requirement():
    pinned = {
        line.split("==")[0].lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    wanted = re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert {name.lower().replace("_", "-") for name in wanted} <= pinned


def test_the_readme_names_only_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)(?=[\s`).:]|$)", README)) - {"sure"} <= targets


def test_every_target_is_explained():
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    for target in phony.split():
        assert re.search(rf"^{target}:.*## .+", makefile, re.MULTILINE), target


DOCS = sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *DOCS])
def test_links_in_the_documentation_resolve(name):
    page = ROOT / name
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        if "\\" not in target:
            assert (page.parent / target).exists(), f"{name} links to {target}"


def test_the_wheel_ships_dlopt_alone():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["dlopt"]


def test_the_syllabus_has_its_82_rows():
    rows = yaml.safe_load((ROOT / "dlopt" / "syllabus.yml").read_text(encoding="utf-8"))
    assert len({row["id"] for row in rows}) == len(rows) == 82


@pytest.mark.parametrize("path", TRACKED, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_large_is_committed(path):
    assert path.stat().st_size < 500_000
