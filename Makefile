# Everything there is to do with this repository, from a clean clone. `make` lists it.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test browser screenshots verify lint unit format docs help-texts lock lock-check \
	dev-up dev-down clean

# To compile the grader and its tests again in every process takes longer than most of the tests.
unexport PYTHONDONTWRITEBYTECODE

# Of so many submissions and solutions of a kind one is graded; TURN says which one.
SAMPLE = 12
TURN = 0
test test-all: export GRADER_TEST_SAMPLE = $(SAMPLE)
test test-all: export GRADER_TEST_TURN = $(TURN)

# What `make test` leaves to `make test-all`.
CHOSEN = and not exhaustive

help:  ## list these targets
	@sed -n -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

setup:  ## make the virtual environment, find or install Docker, get the base images
	@PYTHON='$(PYTHON)' scripts/setup.sh

demo: setup  ## grade the reference solution of the Todo API and show the full result
	@$(BIN)/grader grade todo-api reference_solutions/todo-api/accepted/pymysql

test: setup browser lint  ## lint, unit, command line, real browser, real Docker (18 minutes)
	@$(BIN)/python -m pytest -n 3 --dist worksteal tests/unit tests/functional tests/browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not alone $(CHOSEN)' --durations=8 tests/docker
	@$(BIN)/python -m pytest -m 'alone $(CHOSEN)' --durations=12 tests/docker

test-all: CHOSEN =
test-all: SAMPLE = 1
test-all: test  ## the same with all submissions and exams (two hours)

browser:  ## find or install the Chromium that the HTML report is tested with
	@scripts/browser.sh

verify: setup  ## every challenge against all of its reference solutions, and a table of them (hours; seconds where nothing changed)
	@$(BIN)/grader verify --all

lint: .venv/.ready  ## ruff, mypy, import-linter, shellcheck
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/shellcheck .ci/run scripts/*.sh .github/actions/*/*.sh benchmarks/speed/*/*.sh \
		grader/sandbox/images/assets/*.sh grader/sandbox/images/assets/*/*.sh

unit: .venv/.ready  ## the quick tests that need no Docker (`make test` has the slow ones, too)
	@$(BIN)/python -m pytest -n logical --dist worksteal -m 'not slow' tests/unit

format: .venv/.ready  ## put the code into the project's form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

docs: .venv/.ready  ## write the pages that are made from the program
	@$(BIN)/python -c "from grader.sandbox.troubleshooting import markdown; print(markdown(), end='')" \
		> docs/students/troubleshooting.md
	@$(BIN)/python -c "from grader.inspect.compose.page import markdown; print(markdown(), end='')" \
		> docs/students/compose.md
	@$(BIN)/python -c "from grader.authoring.reference import markdown; print(markdown(), end='')" \
		> docs/instructors/fixtures.md
	@$(BIN)/python -c "from grader.authoring.services import markdown; print(markdown(), end='')" \
		> docs/instructors/services.md
	@$(BIN)/python -c "from grader.authoring.exam_list import markdown; print(markdown(), end='')" \
		> docs/students/exams.md
	@$(BIN)/python -c "from grader.authoring.course import markdown; print(markdown(), end='')" \
		> docs/instructors/course.md
	@$(BIN)/python -c "from grader.authoring.course import picture; print(picture(), end='')" \
		> docs/images/course.svg
	@cp grader/report/report.schema.json docs/report.schema.json

help-texts: .venv/.ready  ## write the pinned help texts again, after a change on purpose
	@scripts/help-texts.sh

lock: .venv/.ready  ## lock the newest versions that pyproject.toml allows, with their hashes
	@scripts/lock.sh

lock-check: .venv/.ready  ## whether the lock is old, or names versions with known holes
	@scripts/lock-check.sh

screenshots: setup browser  ## the pictures of docs/images, from real runs
	@$(BIN)/python -m scripts.screenshots
	@$(BIN)/python -m scripts.portal_screenshots

dev-up: setup  ## a package index and a MySQL to look into, alongside the grader
	@scripts/dev-up.sh

dev-down:  ## remove what dev-up started
	@docker compose --file dev/docker-compose.yml down --volumes

clean:  ## remove what killed runs left, and the virtual environment
	@test ! -x $(BIN)/grader || $(BIN)/grader clean || true
	@rm -rf .venv

.venv/.ready: pyproject.toml grader/requirements/dev.txt grader/requirements/build.txt
	@PYTHON='$(PYTHON)' scripts/venv.sh
