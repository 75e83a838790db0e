"""The judge: decides, in a process that never loads student code, what a submission is worth.

``converter`` stands where nbgrader's autograde stood; ``client`` and ``worker`` are the two ends of the judge's
process; ``run`` takes one notebook through it, with ``session`` for the student's side; ``verdict`` turns what a test
did into an ``outcome``; ``harmless`` makes what students wrote fit to be shown; ``gradebook`` enters the scores.
"""
