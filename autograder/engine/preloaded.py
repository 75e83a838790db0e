"""Imported once by the process from which local workers are forked, so that none of them has to import it again."""

from autograder.engine import work
from autograder.jail import bubblewrap
from autograder.jail.bundle import bundle

__all__: list[str] = []

bundle()  # one folder for all workers; removed when the process they are forked from ends
bubblewrap.find()  # and what a jail shows is looked up once
work.warm()
