# `make` lists the targets. Each sets up .venv by itself, once (tools/setup.sh).
# Kept to what GNU make 3.81 knows: it is the one that macOS has.

PORT ?= 8000
PY := .venv/bin/python
STAMP := .venv/.installed
SITE := _build/html/index.html
EXECUTED := _build/executed
SOURCES := _config.yml _toc.yml $(shell find book lossviz notebooks -type f \
	-not -path '*/.ipynb_checkpoints/*' -not -path '*/__pycache__/*' 2>/dev/null)

.DEFAULT_GOAL := help
# A build that fails leaves pages behind; without its index.html the next `make book` builds again.
.DELETE_ON_ERROR:
.PHONY: help lab book unit serve zip pdf slides pictures test newest oldest elsewhere notebooks lint format bench clean

# Every kernel and every worker of the tests imports the same files: some images ask for none to be kept compiled.
unexport PYTHONDONTWRITEBYTECODE

# One thread for each kernel: kernels that share two cores are several times slower otherwise.
test newest oldest elsewhere notebooks book unit serve bench: export OMP_NUM_THREADS := 1

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

lab: $(STAMP) ## open JupyterLab on the start page
	@$(PY) -m jupyterlab --config=tools/lab/config.py

book: $(SITE) ## build the static site; a warning or a failing cell stops it
	@echo "The site: $(CURDIR)/$(SITE)"

serve: $(SITE) ## show the site on http://127.0.0.1:8000 (PORT=8001 for another)
	@$(PY) tools/serve.py $(PORT)

pdf: $(SITE) ## the whole handbook as one PDF, printed by a Chromium
	@$(PY) tools/pdf.py

pictures: $(SITE) ## the pictures of the README, taken from the site
	@$(PY) tools/pictures.py

zip: $(SITE) ## the site as one file to carry away
	@$(PY) tools/zip.py

slides: $(SITE) ## a deck of slides for each chapter, beside its page in the site
	@ls _build/html/notebooks/*/*-slides.html

test: lint ## lint, every notebook cell, unit tests, the site and JupyterLab in a browser
	@rm -rf $(EXECUTED) && mkdir -p $(EXECUTED) && touch $(EXECUTED)/.begun
	$(PY) -m pytest -q --nbval --nbval-current-env --executed $(EXECUTED) -n auto --dist loadfile notebooks/ book/
	@HANDBOOK_EXECUTED=$(EXECUTED) $(MAKE) --no-print-directory -j 2 book unit # Sphinx uses one processor
	$(PY) -m pytest -q -n auto --dist loadgroup -m browser tests/browser

unit: $(STAMP) ## the tests that need neither the site nor a browser
	$(PY) -m pytest -q -n auto --dist worksteal -m "not browser"

newest: ## notebooks and unit tests on the newest torch, NumPy and Python, in an environment of their own
	@tools/newest.sh

notebooks: $(STAMP) ## execute every notebook in place and normalise it
	@$(PY) tools/notebooks.py

oldest: ## lossviz on the oldest torch that it allows, in an environment of its own
	@tools/oldest.sh

elsewhere: $(STAMP) ## every notebook cell as another processor computes it
	@tools/elsewhere.sh

lint: $(STAMP) ## ruff on code and notebooks, prettier on scripts and styles
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	@tools/node.sh && tools/format.sh --check

format: $(STAMP) ## format code, scripts and styles
	$(PY) -m ruff format
	@tools/node.sh && tools/format.sh --write

bench: $(STAMP) ## measure the explorer against its alternatives
	@$(PY) -m benchmarks

clean: ## remove the built site and caches; .venv stays
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
	find . -name .venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints -o -name '*.egg-info' \) \
		-prune -exec rm -rf {} +

# A .venv that was moved or copied still imports lossviz from its old folder: install again.
ifneq ($(shell test -x $(PY) && cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif
$(STAMP): requirements.txt constraints.txt pyproject.toml
	@tools/setup.sh

# --all and a fresh folder: Sphinx would reread only changed pages, and a change in lossviz changes all of them.
# A site made of what the tests executed is as old as the beginning of their run: what was changed since is not in it.
$(SITE): $(STAMP) $(SOURCES)
	@rm -rf _build/html
	$(PY) .venv/bin/jupyter-book build . --all --warningiserror --keep-going
	@test -z "$$HANDBOOK_EXECUTED" || touch -r "$$HANDBOOK_EXECUTED/.begun" $@
