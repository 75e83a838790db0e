"""The class report: one page per problem set that shows what the class did not understand.

``data`` reads the gradebook and the autograded notebooks into plain data (what ``--json`` prints), ``pseudonyms``
hides who is who, ``similarity`` compares answers, ``charts`` draws, ``page`` makes the HTML, ``command`` is the
command line. Everything a student wrote is text here, and nothing of it is ever run. This file imports nothing, so that
no other command waits for matplotlib.
"""
