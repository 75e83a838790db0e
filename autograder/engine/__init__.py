"""The engine: a class of any size, graded on as many processors as there are, and never twice.

``task`` says what goes to a worker and what comes back; ``work`` is the pure function between the two; ``pool`` runs it
in local processes or on a Dask cluster; ``keys`` names what a grade depends on; ``book`` is the one place that
writes the gradebook; ``ledger`` keeps a line per grading; ``run`` leads them; ``progress`` shows it.
"""
