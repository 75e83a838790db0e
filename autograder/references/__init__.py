"""Right answers that grading lends to others that build on them, one self-contained module per problem set.

An exercise that needs another of the student's objects is tried with these as well, so that one mistake does not cost
two exercises. They are never shipped to students. Numpy and the standard library only: the source of a module may be
run where a student's code lives.
"""
