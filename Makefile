# make serve | test | check | train | lock: each sets up what it needs, once.

PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url
LOCK = $(COMPILE) pyproject.toml --custom-compile-command 'make lock'
CODE := models model_training service tests
ARGS ?=
UPGRADE ?= --upgrade

.PHONY: serve score train search cluster-test tensorboard test check format lock lock-peers check-locks sbom bench bench-numbers loadtest fuzz chaos container-test clean

serve: .venv/$(if $(DIGITS_TRACES)$(DIGITS_REDIS_URL)$(filter postgresql:%,$(DIGITS_DATABASE_URL)),production,serve)  ## serve the committed model on http://localhost:8000
	@$(BIN)/python -m service

score: .venv/score  ## read pictures in bulk, from folders, archives and documents: make score ARGS="scans/ --out results"
	@$(BIN)/python -m service.score $(ARGS)

train: .venv/train  ## train, and serve the result if it is better: make train ARGS="--preset mlp"
	@$(BIN)/python -m model_training $(ARGS)

search: .venv/search  ## try variations of a preset, here or on a Ray cluster: make search ARGS="--preset cnn --trials 20"
	@$(BIN)/python -m model_training search $(ARGS)

cluster-test: .venv/search  ## search on a Ray cluster of two nodes on this machine
	@$(BIN)/python -m tests.cluster.verify

tensorboard: .venv/train  ## curves, histograms, graphs and hyper-parameters of all runs, on http://localhost:6006
	@$(BIN)/tensorboard --logdir runs $(ARGS)

test: .venv/test  ## run every test: make test ARGS="-k canonical"
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests.deploy.programs
	@$(BIN)/python -m tests.postgresql
	@$(BIN)/python -m pytest $(ARGS)

check: .venv/test  ## lint, format, types, import directions
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: .venv/test  ## fix lint and format
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

lock: .venv/test  ## renew requirements/*.txt from pyproject.toml
	$(LOCK) $(UPGRADE) -o requirements/serve.txt
	$(LOCK) $(UPGRADE) --extra score -c requirements/serve.txt -o requirements/score.txt
	$(LOCK) $(UPGRADE) --extra train -c requirements/serve.txt -o requirements/train.txt
	$(LOCK) $(UPGRADE) --extra score --extra object-store --extra score-cluster -c requirements/score.txt \
		-o requirements/score-cluster.txt
	$(LOCK) $(UPGRADE) --extra train --extra search -c requirements/train.txt -o requirements/search.txt
	$(LOCK) $(UPGRADE) --extra postgresql --extra redis --extra tracing -c requirements/serve.txt -o requirements/production.txt
	$(LOCK) $(UPGRADE) --extra train --extra score --extra postgresql --extra redis --extra tracing --extra test \
		-c requirements/score.txt -c requirements/train.txt -c requirements/production.txt -o requirements/test.txt

bench: .venv/train  ## this service beside its peers: make bench ARGS="--json FILE --plot FILE"
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-numbers: .venv/train  ## numbers beside PP-OCR and Tesseract: make bench-numbers ARGS="--json FILE"
	@$(BIN)/python -m tests.benchmarks.numbers $(ARGS)

loadtest: .bench/load/installed  ## load the service that runs: make loadtest ARGS="--max-p99 50 --min-rps 200"
	@.bench/load/bin/python -m tests.load $(ARGS)

fuzz: .bench/fuzz/installed  ## fuzz the decoders and parsers, alone and through the service: make fuzz ARGS="--minutes 30"
	@.bench/fuzz/bin/python -m tests.fuzz $(ARGS)

chaos: .venv/test  ## disturb a loaded service in every way, and count its answers: make chaos ARGS="--json FILE"
	@$(BIN)/python -m tests.postgresql
	@$(BIN)/python -m tests.chaos $(ARGS)

container-test:  ## build the image, with or without Docker, and verify it
	@$(PYTHON) -m tests.container.verify

lock-peers: .venv/test  ## renew the requirements of the peers, the load test and the fuzzer
	for in in tests/benchmarks/peers/*/requirements.in tests/load/requirements.in tests/fuzz/requirements.in; do \
		$(COMPILE) $(UPGRADE) $$in -o $${in%in}txt --custom-compile-command 'make lock-peers' || exit 1; done

check-locks: .venv/test  ## ask the registry whether a release in a lock was yanked or withdrawn
	@$(BIN)/python -m tests.locks.withdrawn

sbom: .venv/test  ## write a software bill of materials for each lock, as CycloneDX, to requirements/*.cdx.json
	@$(BIN)/python -m tests.locks

clean:  ## remove the virtual environment and caches
	rm -rf .venv .bench .fuzz .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.bench/load/installed: tests/load/requirements.txt
	@$(PYTHON) -m venv .bench/load
	@.bench/load/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.bench/fuzz/installed: requirements/serve.txt tests/fuzz/requirements.txt
	@$(PYTHON) -m venv .bench/fuzz
	@.bench/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes $(addprefix -r ,$^)
	@touch $@

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/serve .venv/score .venv/train .venv/search .venv/production .venv/test: .venv/%: requirements/%.txt | .venv/bin/python
	@echo "Installing requirements/$*.txt ..."
	@$(INSTALL) $<
	@touch $@
