"""The jail: where students' code runs, apart from everything it could harm or read.

``limits`` says how much of everything a session may use; ``bundle`` and ``bubblewrap`` what it can see; ``server``,
``child``, ``syscalls`` and ``wipe`` run inside, as process 1; ``cgroups`` limits all processes of a session together;
`Jail` is the side of the grader.
"""

from autograder.jail.bubblewrap import why_not
from autograder.jail.client import Jail, JailError
from autograder.jail.ending import Ending
from autograder.jail.limits import Limits, limits_for

__all__ = ["Ending", "Jail", "JailError", "Limits", "limits_for", "why_not"]
