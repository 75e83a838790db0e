"""Every place that parses anything in the trusted packages stands in docs/parsing.md."""

import ast
import re
from pathlib import Path

import pytest

from autograder.course import ROOT

CLONE = ROOT.parent
PAGE = (CLONE / "docs" / "parsing.md").read_text(encoding="utf-8")
LISTED = {
    (file if file.startswith("dlopt/") else f"autograder/{file}", name)
    for file, names in re.findall(r"^\| `([\w/]+\.py)` ((?:`\w+`,? ?)+)\|", PAGE, re.MULTILINE)
    for name in re.findall(r"`(\w+)`", names)
}
METHODS = {
    "loads",
    "load",
    "safe_load",
    "frombuffer",
    "unpack",
    "from_bytes",
    "fromhex",
    "reads",
    "from_dict",
    "decode",
}
METHODS |= {"b64decode", "literal_eval", "recvmsg", "recv_fds", "unpack_from", "fromstring", "fromfile", "parse_utc"}
METHODS |= {"memmap", "ZipFile", "parse"}
FOREIGN_ONLY = {("Image", "open"), ("nbformat", "read"), ("ast", "parse")}
NEVER = re.compile(
    r"\b(pickle\.|cPickle|marshal\.|shelve|allow_pickle=True|yaml\.load\(|literal_eval|(?<![\w.])eval\()"
)
NOT_PARSING = {"autograder/bridge/writing.py", "autograder/mutation", "autograder/misconceptions"}


def sources():
    files = [*(CLONE / "autograder").rglob("*.py"), *(CLONE / "dlopt" / "notebooks").glob("*.py")]
    return [path for path in files if not str(path.relative_to(CLONE)).startswith(tuple(NOT_PARSING))]


def parses(call):
    """Tell whether a call turns foreign bytes or text into something else, judging by its name."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in ("from_dict", "parse_utc", "eval")
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    if isinstance(owner, ast.Call) and function.attr == "decode":  # base64.b64encode(…).decode(): our own bytes
        written = getattr(owner.func, "attr", "")
        return written not in ("b64encode", "encode")
    if isinstance(owner, ast.Name) and (owner.id, function.attr) in FOREIGN_ONLY:
        return True
    return function.attr in METHODS and function.attr != "parse"


def found():
    """Yield (file, function) of every such call."""
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                if any(isinstance(node, ast.Call) and parses(node) for node in ast.walk(function)):
                    yield str(path.relative_to(CLONE)), function.name


def test_every_place_that_parses_is_listed():
    assert sorted(set(found()) - LISTED) == []


def test_every_listed_place_exists():
    for file, name in LISTED:
        assert re.search(rf"def {name}\(", (CLONE / file).read_text(encoding="utf-8")), (file, name)


def test_the_search_finds_what_it_should(tmp_path):
    calls = [
        "json.loads(x)",
        "np.frombuffer(x)",
        "struct.unpack('i', x)",
        "x.decode()",
        "Image.open(x)",
        "from_dict(x)",
    ]
    assert all(parses(ast.parse(call, mode="eval").body) for call in calls)
    assert not parses(ast.parse("base64.b64encode(x).decode()", mode="eval").body)
    assert len(set(found())) > 30


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(Path(path).relative_to(CLONE)))
def test_nothing_is_read_that_could_run(path):
    text = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not NEVER.search(text)
