"""Of a failed build the log keeps what helps, and nothing that hides it."""

from book.build import reasons

LOG = """chapters/a.md: WARNING: Executing notebook failed: CellExecutionError [mystnb.exec]

Exception occurred:
  File "cache.py", line 89, in start_client
Traceback (most recent call last):
  File "client.py", line 918, in run
nbclient.exceptions.CellExecutionError: An error occurred while executing the following cell:
------------------
claims.check("Q3", measured=1, theory=2, atol=0)
------------------

ClaimFailed: Claim Q3 does not hold: measured 1 should equal theory 2.


The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "sphinx.py", line 167, in build_sphinx
"""


def test_a_failed_cell_is_shown_with_its_error_and_without_the_machinery():
    text = reasons(LOG)
    assert text.splitlines()[0] == "chapters/a.md: WARNING: Executing notebook failed: CellExecutionError [mystnb.exec]"
    assert text.splitlines()[-1] == "ClaimFailed: Claim Q3 does not hold: measured 1 should equal theory 2."
    assert "Traceback" not in text


def test_any_other_log_is_kept_whole():
    log = "index.md:3: WARNING: undefined label: 'nowhere'\nTraceback\n"
    assert reasons(log) == log
