"""Right answers that grading lends to others that build on them, one self-contained module per problem set.

An exercise that needs another of the student's objects is tried with these as well, so that one mistake does not cost
two exercises. They are never shipped to students. Numpy and the standard library only: what is lent of a module runs
where a student's code lives, in a session that ends before anything of it could be kept or shown. Nothing builds on an
exercise that it is lent to, or else that exercise would find its own answer there.
"""
