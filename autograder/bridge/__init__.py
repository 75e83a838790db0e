"""Between the judge, which is trusted, and the jail, which is not: calls and plain data, nothing else.

Left to right: ``proxies`` (what check cells see) → ``host`` (typed requests with deadlines) → ``wire`` (frames on
a socket) → ``guest`` (answers them, beside the student's code). Both ends write values with ``codec``.

This module imports nothing: the jail sees what ``guest`` needs and nothing of the judge's end.
"""
