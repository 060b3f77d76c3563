# Everything runs in .venv, set up by uv from uv.lock. `make demo` and `make test` are all it takes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/uv/bin/uv
EXTRAS := --extra grocery --extra llm
READY := $(VENV)/.ready
# What the compiler is timed beside lives in an environment of its own, too; without it nothing is paired.
PEER := $(VENV)/metricflow
PEER_VERSION := 0.213.0

.PHONY: demo test test-slow check data bench bench-why eval format clean

demo: $(READY)
	@$(BIN)/askmetric demo

test: $(READY)
	@$(BIN)/python tests/browser/chromium.py
	@$(BIN)/pytest -n 2

test-slow: $(READY)
	@$(BIN)/pytest -m slow

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

data: $(READY)
	$(BIN)/python examples/shop/generate.py
	$(BIN)/python examples/grocery/generate.py

bench: $(READY) $(PEER)/.ready
	@ASKMETRIC_METRICFLOW_PYTHON=$${ASKMETRIC_METRICFLOW_PYTHON:-$$(ls $(CURDIR)/$(PEER)/bin/python 2>/dev/null)} \
	  $(BIN)/python -m eval.bench

bench-why: $(READY)
	$(BIN)/python -m eval.bench_why

eval: $(READY)
	$(BIN)/askmetric eval shop --project examples/shop
	$(BIN)/askmetric eval grocery --project examples/grocery

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# uv lives in an environment of its own, so that it never changes the one it fills.
$(UV):
	@$(PYTHON) -m venv $(VENV)/uv
	@$(VENV)/uv/bin/pip install -q --disable-pip-version-check "uv>=0.9,<1"

$(PEER)/.ready: | $(UV)
	-@$(UV) venv -q --python $(PYTHON) $(PEER) \
	  && $(UV) pip install -q --python $(PEER)/bin/python "metricflow==$(PEER_VERSION)" && touch $@ \
	  || rm -rf $(PEER)

$(READY): pyproject.toml uv.lock | $(UV)
	@$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync -q --locked $(EXTRAS)
	@touch $(READY)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
