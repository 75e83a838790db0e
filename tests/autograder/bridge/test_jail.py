"""The bridge as it is used: its other end inside the real jail."""

import numpy as np
import pytest

from autograder.bridge.host import Guest, GuestCrashed, GuestMemory
from autograder.jail import Jail, bubblewrap
from autograder.jail.limits import Limits
from autograder.misconceptions import ps2
from dlopt.checks import ps2_quadratics

pytestmark = pytest.mark.skipif(bubblewrap.why_not() is not None, reason="bubblewrap cannot be used here")


@pytest.fixture(scope="module")
def jail():
    with Jail("ps2_quadratics", limits=Limits(memory_bytes=400 << 20)) as found:
        yield found


@pytest.fixture
def guest(jail):
    def fate():
        ending = jail.ending(5.0)
        if ending is None:
            return None
        if ending.reason == "memory":
            return "memory"
        return -ending.signal if ending.signal else ending.exit_code

    found = Guest(jail.session(), jail.limits, fate=fate)
    yield found
    found.close()


def test_cells_figures_and_calls(guest):
    source = "%matplotlib inline\nimport numpy as np\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n%cd /tmp\n"
    result = guest.cell(source + "def f(x, rng): return x + rng.normal()")
    assert result.status == "ok"
    assert "image/png" in result.outputs[-1]["data"]
    rng, twin = np.random.default_rng(1), np.random.default_rng(1)
    assert guest.fetch("f")(1.0, rng) == 1.0 + twin.normal()
    assert rng.normal() == twin.normal()


def test_a_check_runs_on_a_proxy(guest):
    guest.cell("import numpy as np\ndef condition_number(A):\n    return float(np.linalg.cond(A))")
    assert ps2_quadratics.condition_number(guest.fetch("condition_number")).passed
    guest.cell("def condition_number(A):\n    e = np.linalg.eigvalsh(A)\n    return e[0] / e[-1]")
    report = ps2_quadratics.condition_number(guest.fetch("condition_number"))
    assert report == ps2_quadratics.condition_number(ps2.kappa_inverse)


def test_crash_and_memory_are_told_apart(jail, guest):
    guest.cell("import os, numpy as np\nx = 1")
    with pytest.raises(GuestCrashed, match="exit code 9"):
        guest.cell("os._exit(9)")
    guest.reconnect(jail.session())
    guest.cell("import numpy as np\ndef f(n): return np.ones(n).sum()")
    with pytest.raises(GuestMemory):
        guest.fetch("f")(10**9)
    with pytest.raises(NameError):
        guest.fetch("x")
