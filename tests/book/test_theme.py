"""The theme's templates are patched while building; an upgrade that moves them is noticed."""

import pytest
from sphinx.errors import ExtensionError

from book.mathjax import MATHJAX
from book.theme import PATCHES, SCRIPT, package_folder


def installed(patch):
    return (package_folder(patch.source.partition("/")[0]).parent / patch.source).read_text(encoding="utf-8")


@pytest.mark.parametrize("patch", [*PATCHES, SCRIPT], ids=lambda p: p.target)
def test_a_patch_fits_the_installed_theme(patch):
    before = installed(patch)
    after = patch.apply(before)
    assert after != before
    assert patch.start not in after
    assert abs(len(before) - len(after)) < 450  # it took out what it meant, not the rest of the page


@pytest.mark.parametrize("patch", [*PATCHES, SCRIPT], ids=lambda p: p.target)
def test_a_patch_that_no_longer_fits_stops_the_build(patch):
    with pytest.raises(ExtensionError, match="theme has changed"):
        patch.apply(patch.apply(installed(patch)))


@pytest.mark.parametrize("pattern", MATHJAX)
def test_mathjax_comes_from_its_wheel(pattern):
    assert list((package_folder("sphinx-mathjax-offline") / "static" / "mathjax").glob(pattern))
