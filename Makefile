# SPDX-License-Identifier: Apache-2.0
# bitfold: `make demo` runs the main job, `make test` runs every test. Both make .venv first.

PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PY = .venv/bin/python
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test formal lint coverage evidence retrain soak clean env-rtl env-test

demo: env-rtl
	$(PY) -m fixedpoint.golden --layer pgd5
	$(PY) -m verification.demo

test: env-test lint
	$(PY) -m pytest
	$(PY) -m verification.regress
	$(PY) -m verification.selftest
	$(PY) -m verification.formal
	$(PY) -m benchmarks.evidence --quick
	$(PY) -m benchmarks.evidence --repeat

lint: env-test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m hls.lint

# proofs about the RTL's modules, each shown to fail on a planted fault
formal: env-rtl
	$(PY) -m verification.formal

# line and toggle coverage of the RTL under the benches, about three minutes
coverage: env-test
	$(PY) -m verification.rtl_coverage

soak: env-test
	$(PY) -m verification.soak

# every figure and table of docs/results from the shipped networks
evidence: env-test
	$(PY) -m benchmarks.evidence

# every shipped network and spec from nothing; docs/model.md says how long it takes
retrain: env-test
	$(PY) -m model.rebuild --all

clean:
	rm -rf build dist .venv *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis

env-rtl: .venv/.rtl
env-test: .venv/.test

.venv/.core: pyproject.toml constraints.txt
	python=$$(.ci/prerequisites) && "$$python" -m venv .venv
	$(PIP) setuptools wheel
	$(PIP) --no-build-isolation -e .
	touch $@

.venv/.rtl: .venv/.core
	$(PIP) --no-build-isolation -e ".[rtl]"
	touch $@

# torch first and by itself: an index may hold several builds of one version
.venv/.test: .venv/.rtl
	$(PIP) torch==2.13.0
	$(PIP) --no-build-isolation -e ".[rtl,train,dask,sionna,dev]"
	touch $@
