# The front door. `make` alone lists what there is.
PYTHON ?= python3
PS     ?= ps2_quadratics
PORT   ?= 8000
PAGES  ?=
BIN    := .venv/bin
READY  := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help course book serve audit release grade test exhaustive mutation clean

help:  ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

course: release book grade  ## from a clone to a course: environment, problem sets, website, a graded sample class
	@printf '\n%s\n' 'Where to look:'
	@printf '  %-32s %s\n' \
	  _build/html/index.html 'the website (make serve shows it on localhost)' \
	  autograder/release/ 'what students receive' \
	  autograder/gradebook.db 'the grades of the sample class' \
	  autograder/feedback/ 'what each of them would read'

book: $(READY)  ## build the website, every number checked, into _build/html
	$(BIN)/python -m book build

serve: book  ## build the website and show it on http://localhost:8000 (PORT=...)
	$(BIN)/python -m book serve --port $(PORT)

audit: book  ## measure the website: bytes, requests, axe, Lighthouse (needs npm), times
	$(BIN)/python -m book audit $(PAGES)

release: $(READY)  ## make the students' notebooks from solutions/, into autograder/release
	$(BIN)/python -m autograder release

# Where nobody has handed in yet, the bundled sample class does; it never mixes with a real one.
grade: release  ## grade what was handed in of one problem set (PS=ps2_quadratics), or else its sample class
	$(BIN)/python -m autograder grade $(PS) $(if $(wildcard autograder/submitted/*/$(PS)),,--sample-class)

# as many workers as cores: a thread more and they wait for each other
test exhaustive mutation: export OMP_NUM_THREADS = 1

test: $(READY)  ## everything that must hold: style, types, tests, the site, a fresh clone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

exhaustive: $(READY)  ## what `make test` only samples: every mutant of every solution, every answer many times
	$(BIN)/python -m pytest -n 2 --dist worksteal -m exhaustive tests

# PS has a default for `make grade`; here only one that was asked for counts.
mutation: $(READY)  ## count the slips in the model solutions that cost no points (PS=... for one set)
	$(BIN)/python -m autograder mutation --jobs 2 $(if $(filter file,$(origin PS)),,$(PS))

clean:  ## remove everything that was generated, but not the environment and no submission
	rm -rf _build dist autograder/release autograder/feedback .pytest_cache .mypy_cache .ruff_cache

# pip is told to isolate nothing: hatchling is pinned in requirements.txt and nothing else may be fetched.
# CI gets Dask and psycopg as well, which most courses do not need: there, no test may be left out.
$(READY): requirements.txt requirements-cluster.txt constraints.txt pyproject.toml
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt $(if $(CI),-r requirements-cluster.txt)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@
