# omc's house: `make` lists what there is to do. `make demo` and `make test` set everything up by themselves.
python := .venv/bin/python
sudo := $(if $(filter 0,$(shell id -u)),,sudo)
ARGS ?=
HOSTS ?= 3

.DEFAULT_GOAL := help
INTERNAL := check-lint check-types check-layers setup-run setup-test
.PHONY: $(INTERNAL) help demo test check lab lab-down bench soak sweep golden docs wheel deb fresh clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup-run  ## set up what omc needs, then `omc inventory` on the reference site
	.venv/bin/omc --site . inventory

test: setup-test  ## set up everything, then all tests, the lab included where it can run (ARGS="-k site" for some)
	$(python) -m $(if $(ARGS),pytest $(ARGS),tests)

check: check-lint check-types check-layers docs  ## lint, format, types, layers, docs (make -k check: all, whatever fails)

check-lint: setup-test
	.venv/bin/ruff check
	.venv/bin/ruff format --check

check-types: setup-test
	.venv/bin/mypy

check-layers: setup-test
	.venv/bin/lint-imports

lab: setup-test  ## several real KVM hosts on this machine, and a site to try them with (HOSTS=3; needs root)
	$(sudo) $(python) -m tests.lab up --hosts $(HOSTS)

lab-down:  ## take all of the lab down again
	$(sudo) $(python) -m tests.lab down

bench: setup-test  ## the speed figures, side by side with their yardsticks (ARGS names some; all are written to the docs)
	$(sudo) $(python) -m tests.bench $(or $(ARGS),--write)

soak: setup-test  ## collect and scrape over and over: memory, open files and threads must not grow
	$(sudo) $(python) -m tests.bench soak soak-exporter $(ARGS)

sweep: setup-test  ## kill an apply, its way back and its resume before every single step; the tests take a part of them
	OMC_SWEEP=whole OMC_LAB=required $(python) -m pytest tests/remote/test_kills.py --timeout=1200 $(ARGS)
	$(sudo) OMC_SWEEP=whole OMC_LAB=required $(python) -m pytest tests/lab/test_objects_runs.py -k any_step $(ARGS)

golden: setup-test  ## rewrite the golden files, to be read in the diff
	$(python) -m pytest tests/golden --update-golden $(ARGS)

docs: setup-test  ## the documentation, in docs/_build/html
	.venv/bin/sphinx-build -q -W --keep-going -b html docs docs/_build/html

wheel: setup-run  ## dist/omc-*.whl
	rm -rf build
	$(python) -m pip wheel --quiet --no-deps --wheel-dir dist .

deb: setup-run  ## dist/omc_*.deb, which needs no compiler where it is installed
	packaging/deb/build

fresh:  ## the README's commands on a bare Debian in a folder of its own (needs root and mmdebstrap)
	$(sudo) tests/fresh/run $(ARGS)

clean:  ## remove what was built; .venv stays
	rm -rf build dist docs/_build docs/reference/_generated *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

setup-run:
	@packaging/setup run

setup-test:
	@packaging/setup test
