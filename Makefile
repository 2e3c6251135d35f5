PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
READY := $(VENV)/.ready
# How many packages a list of pinned requirements holds, without those of other systems and with each name once.
count = sed -n '/sys_platform/d; s/==.*//p' $(1) | sort -u | wc -l

.PHONY: demo test laws mutants lint bench docs site rule dist wheel clean

demo: $(RUNTIME)  ## A short story on examples/: what is wrong, why a pod has a sidecar, why a request fails, a fix as a diff
	@sh examples/demo.sh $(BIN)/python

test: $(READY)  ## Run the tests, on up to four cores; with KUBEBUILDER_ASSETS also against a real kube-apiserver, one after the other
	$(BIN)/pytest $(if $(KUBEBUILDER_ASSETS),,-n auto --maxprocesses 4 --dist worksteal)

laws: $(READY)  ## Try the tests' laws on inputs drawn anew, for about ten minutes; `make test` draws the same ones at every run
	MESHFIX_LAWS=20 $(BIN)/pytest -m hypothesis
	MESHFIX_LAWS=8 $(BIN)/pytest tests/cli/test_strange_answers.py tests/rules/test_rights.py

mutants: $(READY)  ## Change the code in one small place at a time, and see whether the tests notice; SAMPLE=40 SEED=1 FOLDERS=mesh,rules AGAIN=yes; WEAK=yes tells what they cannot notice, of all changes
	$(BIN)/python -m tests.mutants$(if $(WEAK),.weak) $(SAMPLE:%=--sample %) $(SEED:%=--seed %) $(FOLDERS:%=--folders %) $(AGAIN:%=--again)

lint: $(READY)  ## ruff, mypy --strict, import-linter, generated files that are up to date; how long the rules' sentences are
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.generate --check
	@$(BIN)/python -m tests.rules.wording

bench: $(READY)  ## Costs as ratios of one run, each with its budget; ISTIOCTL, KUBEBUILDER_ASSETS and FROZEN name what to compare with; PARTS="start files scale"
	$(BIN)/python -m benchmarks $(PARTS)

docs: $(READY)  ## Write the generated pages of docs/, what the commands in the others print, the pictures of terminals, what rules say (tests/rules/said.txt), trace tells (tests/traffic/told.txt), what comes of small changes (tests/variants) and edits look like (tests/documents/editing/looks.txt)
	$(BIN)/python -m docs.rule_index
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.pages
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m tests.rules.said
	$(BIN)/python -m tests.traffic.told
	$(BIN)/python -m tests.variants.said
	$(BIN)/python -m tests.variants.worlds
	$(BIN)/python -m tests.variants.folders
	$(BIN)/python -m tests.variants.kubeconfigs
	$(BIN)/python -m tests.documents.editing.looks

site: $(READY)  ## Build docs/ into build/site, with search; a broken link fails
	$(BIN)/sphinx-build -q -W --keep-going -n -E -b html docs build/site

rule: $(READY)  ## make rule CODE=MF142 NAME=what-is-wrong FAMILY=ports; without them, what the families are for
	@$(BIN)/python docs/new_rule.py $(CODE) $(NAME) $(FAMILY)

dist: wheel  ## A release as far as this machine can make one, tried out: wheel, sdist, archive, its bill of materials and krew manifest, all in dist
	$(BIN)/python -m krew.freeze dist
	$(BIN)/python -m krew.render "$$($(BIN)/python -m krew.versions)" "dist/$$($(BIN)/python -m krew.platforms)" > dist/meshfix.yaml
	MESHFIX_ARCHIVE="dist/$$($(BIN)/python -m krew.platforms)" $(BIN)/pytest tests/krew

wheel: $(READY)  ## What goes to PyPI: a wheel and an sdist, of the version that git says
	rm -f dist/kubectl_meshfix-*
	$(BIN)/hatchling build -d dist

$(RUNTIME): requirements-runtime.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one with make PYTHON=/path/to/python3.12 …") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) with $$(( $$($(call count,requirements-runtime.txt)) )) packages (runtime only) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-runtime.txt
	@touch $@

$(READY): $(RUNTIME) requirements.txt pyproject.toml
	@echo "Adding $$(( $$($(call count,requirements.txt)) - $$($(call count,requirements-runtime.txt)) )) packages to $(VENV) for tests, checks, documentation and releases …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) kubectl_meshfix/_version.py .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
