"""Deep Learning Optimization, the course's helper package: what chapters and problem sets import.

Importing ``dlopt`` itself is cheap; each module brings only what it needs, so that a student's
numpy problem set never waits for torch.
"""

__version__ = "0.1.0"
