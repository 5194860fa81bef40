# make serve | test | check | train | lock: each sets up what it needs, once.

PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock'
CODE := models model_training service tests
ARGS ?=

.PHONY: serve train test check format lock container-test clean

serve: .venv/serve  ## serve the committed model on http://localhost:8000
	@$(BIN)/python -m service

train: .venv/train  ## train, and serve the result if it is better: make train ARGS="--preset mlp"
	@$(BIN)/python -m model_training $(ARGS)

test: .venv/test  ## run every test: make test ARGS="-k canonical"
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest $(ARGS)

check: .venv/test  ## lint, format, types, import directions
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/test  ## mend what `make check` says of lint and format
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

lock: .venv/test  ## renew requirements/*.txt from pyproject.toml
	$(LOCK) --upgrade -o requirements/serve.txt
	$(LOCK) --upgrade --extra train -c requirements/serve.txt -o requirements/train.txt
	$(LOCK) --upgrade --extra train --extra test -c requirements/train.txt -o requirements/test.txt

container-test:  ## build the image, without Docker if need be, and see that it keeps its promises
	@$(PYTHON) -m tests.container.verify

clean:  ## remove the virtual environment and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/serve .venv/train .venv/test: .venv/%: requirements/%.txt | .venv/bin/python
	@echo "Installing requirements/$*.txt ..."
	@$(INSTALL) $<
	@touch $@
