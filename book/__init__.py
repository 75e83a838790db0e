"""How the website is made: the build, the Sphinx extensions and the design.

``python -m book build`` turns ``index.md`` and ``chapters/`` into ``_build/html``. Nothing here is
shipped to students; chapters import only dlopt.
"""
