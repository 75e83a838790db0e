"""Buttons that open a chapter elsewhere: configured in one place, absent until then."""

import re

import pytest
import yaml

from book.build import ROOT

pytestmark = pytest.mark.slow

CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---
# 2 · A chapter

```{code-cell} python
1 + 1
```
"""
SERVERS = {
    "binderhub_url": "https://binder.example",
    "jupyterhub_url": "https://hub.example",
    "colab_url": "https://colab.example",
}
BUTTON = re.compile(r'href="(https://(?:binder|hub|colab)[^"]*)"')


@pytest.fixture(scope="module")
def book(make_book):
    return make_book({"02_quadratics": CHAPTER})


def links(book):
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return set(BUTTON.findall((book.root / "_build" / "html" / "chapters" / "02_quadratics.html").read_text()))


def test_without_a_server_there_is_no_button_and_with_one_there_is(book):
    assert links(book) == set()
    path = book.root / "_config.yml"
    config = yaml.safe_load(path.read_text())
    assert not set(config["launch_buttons"]) & set(SERVERS)
    config["launch_buttons"] |= SERVERS
    path.write_text(yaml.safe_dump(config))
    found = links(book)
    assert {url.split("/")[2] for url in found} == {url.split("/")[2] for url in SERVERS.values()}
    repository = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"].removeprefix(
        "https://github.com/"
    )
    assert all(repository in url.replace("%2F", "/").replace("%3A", ":") for url in found), found
