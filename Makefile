# SPDX-License-Identifier: Apache-2.0
# bitfold: `make demo` runs the main job, `make test` runs every test. Both make .venv first.

PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check
PY = .venv/bin/python
export OPENBLAS_NUM_THREADS ?= 1

# the tests that neither compile, simulate nor train
QUICK = $(addprefix --ignore-glob=tests/,test_hls_* test_rtl_* test_model_* test_evidence* test_latency* test_benches.py \
  test_blanks.py test_builds.py test_selftest.py test_formal.py test_fuzz* test_hostile* test_signals.py \
  test_verification.py test_house.py test_ap_fixed.py test_plots.py test_cache.py test_report_browser.py test_own_system_page.py test_notebooks.py)

help:
	@sed -n 's/^#: \([a-z-]*\) */\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

#: help       this list; the first target that a plain `make` runs
#: demo       the main job on the shipped PGD-Net: golden model, csim, RTL in simulation, and their table
#: test       lint and every test: about 45 minutes on two cores
#: quick      the tests that neither compile, simulate nor train
#: lint       ruff, mypy, and Verilator's and Yosys's eyes on the RTL
#: formal     proofs about the RTL's modules, each shown to fail on a planted fault
#: coverage   line and toggle coverage of the RTL under the benches
#: soak       the long comparisons: hours
#: evidence   every figure and table of docs/results from the shipped networks
#: retrain    every shipped network and spec from nothing
#: locks      the locks anew, with uv
#: clean      what was built, and the environment

.PHONY: help quick demo test formal lint locks coverage evidence retrain soak clean env-rtl env-test

demo: env-rtl
	$(PY) -m fixedpoint.golden --layer pgd5
	$(PY) -m verification.demo

test: env-test lint
	$(PY) -m pytest -n $$($(PY) -c 'from fixedpoint.support import jobs; print(jobs.processors())') --dist loadfile
	$(PY) -m verification.regress
	$(PY) -m verification.selftest
	$(PY) -m verification.formal
	$(PY) -m benchmarks.evidence --quick
	$(PY) -m benchmarks.evidence --repeat

quick: env-test
	$(PY) -m pytest -n $$($(PY) -c 'from fixedpoint.support import jobs; print(jobs.processors())') --dist loadfile $(QUICK)

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

.venv/.core: pyproject.toml locks/rtl.txt
	python=$$(.ci/prerequisites) && "$$python" -m venv .venv
	$(PIP) --no-deps --require-hashes -r locks/rtl.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/.rtl: .venv/.core
	touch $@

# torch by itself: an index may hold several builds of one version, so that no hash can stand here
.venv/.test: .venv/.rtl locks/all.txt constraints.txt
	$(PIP) --no-deps --require-hashes -r locks/all.txt
	$(PIP) -c constraints.txt torch
	command -v chromium >/dev/null || $(PY) -m playwright install chromium || echo "no browser: its tests will fail" >&2
	touch $@

# the locks anew, with uv: versions stay but for those that pyproject.toml no longer allows
# (LOCK_OPTIONS=--upgrade: the newest ones); torch and what its builds for a GPU bring are left out
GPU = cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
  nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver \
  nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx triton
LOCK = uv pip compile pyproject.toml --group setup --universal --python-version 3.11 --generate-hashes --quiet \
  --custom-compile-command "make locks" -c constraints.txt $(addprefix --no-emit-package ,torch $(GPU)) $(LOCK_OPTIONS)

locks:
	$(LOCK) --all-extras -o locks/all.txt
	$(LOCK) -c locks/all.txt --extra rtl -o locks/rtl.txt
