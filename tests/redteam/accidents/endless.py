"""Code that never ends, until a limit ends it."""

from tests.redteam.accidents.register import group, zero

accident = group("Code that never ends")


@accident("quadratic: .*did not finish", lost=zero("quadratic"), kinds={"quadratic": "timeout"})
def endless_loop(sheet):
    """The condition of a while loop never changes."""
    return sheet.honest().answer(quadratic="def quadratic(A, b, w):\n    while len(b):\n        pass")


@accident("root: .*did not finish", lost=zero("root"), kinds={"root": "timeout"}, slow=True)
def sleeps(sheet):
    """``time.sleep(1000)`` waits for something that was loaded long ago."""
    return sheet.honest().answer(root="import time\ndef root(x):\n    time.sleep(1000)\n    return x**0.5")


@accident(
    "quadratic: .*did not finish",
    lost=zero("quadratic", "softmax"),
    kinds={"quadratic": "timeout", "softmax": "timeout"},
    slow=True,
)
def endless_in_c(sheet):
    """Loops in compiled code, which Python's signals do not interrupt."""
    return sheet.honest().answer(
        quadratic="import itertools\ndef quadratic(A, b, w):\n    return sum(itertools.repeat(0)), b",
        softmax="import re\ndef softmax(x):\n    return re.match('(a*)*b', 'a' * 40)",
    )


@accident(
    "quadratic: .*did not finish in time",
    lost=zero("quadratic"),
    kinds={"quadratic": "error", "softmax": "pass"},
    slow=True,
)
def endless_cell(sheet):
    """A loop beside the function: the cell itself never ends."""
    return sheet.honest().answer(quadratic="while True:\n    pass\ndef quadratic(A, b, w):\n    return 0.0, b")


@accident("newton_step: .*", lost=zero("newton_step"), kinds={"newton_step": "error"}, slow=True)
def endless_cell_in_c(sheet):
    """A cell that never ends and does not listen either."""
    return sheet.honest().answer(newton_step="import itertools\nsum(itertools.repeat(0))")


@accident("digits: .*did not finish", lost=zero("digits"), kinds={"digits": "timeout"}, slow=True)
def swallows_the_alarm(sheet):
    """``except:`` stands around everything in an endless loop."""
    return sheet.honest().answer(
        digits="""
        def digits():
            while True:
                try:
                    while True: pass
                except: continue
        """
    )
