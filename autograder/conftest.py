"""Keeps pytest from importing nbgrader's settings as a module: only nbgrader can run them."""

collect_ignore = ["nbgrader_config.py"]
