# The daily commands. Everything is built into .venv/, which needs python3 (3.11 to 3.13) and nothing else.
SHELL   := /bin/sh
PYTHON  ?= python3
BIN     := .venv/bin
NITERU  := $(BIN)/niteru
GALLERY ?= gallery
PORT    ?= 8000
READY   := .venv/ready
# CROPS=1: the pictures are face crops already. DRY=1: only tell. Whatever is not a no is a yes.
CROPS_FLAG := $(if $(filter-out 0 no false,$(CROPS)),--crops)
DRY_FLAG := $(if $(filter-out 0 no false,$(DRY)),--dry)
# Paths reach the commands through the environment, so that quotes and spaces in them survive.
export FACES GALLERY OUT PAIRS TEST
FACES_SET   = $(if $(FACES),,$(error Say where the photos are, one folder a person: make $@ FACES=folder))

.PHONY: setup demo index serve report train evaluate test test-browser lint bench clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make demo                         try it on drawn people: index, question, report
## make index FACES=dir [CROPS=1] [DRY=1] [GALLERY=gallery]
## make serve [PORT=8000] [GALLERY=gallery]
## make report [OUT=report] [GALLERY=gallery]
## make evaluate FACES=dir [PAIRS=file] [CROPS=1]
## make train FACES=dir [OUT=trained] [TEST=dir]
## make bench FACES=dir               where the time of a photo goes
## make test, make test-browser, make lint

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "niteru needs Python 3.11 to 3.13; this is $$($(PYTHON) --version). Try make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[train,dev]'
	@touch $@

setup: $(READY)

demo: $(READY)
	@$(NITERU) demo

index: $(READY)
	$(FACES_SET)@$(NITERU) index "$$FACES" --gallery "$$GALLERY" $(CROPS_FLAG) $(DRY_FLAG)

serve: $(READY)
	@exec $(NITERU) serve --gallery "$$GALLERY" --port $(PORT)

report: $(READY)
	@$(NITERU) report --gallery "$$GALLERY" --out "$${OUT:-report}"

evaluate: $(READY)
	$(FACES_SET)@$(NITERU) evaluate "$$FACES" $(if $(PAIRS),--pairs "$$PAIRS") $(CROPS_FLAG)

# Large tensors come and go by the second: huge pages spare the system most of the page faults.
train: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
train: $(READY)
	$(FACES_SET)@$(NITERU) train "$$FACES" --out "$${OUT:-trained}" $(if $(TEST),--test "$$TEST") $(CROPS_FLAG)

test: $(READY)
	$(BIN)/pytest

# Needs a chromium on the PATH; the pictures it takes are for looking at.
test-browser: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[browser]'
	$(BIN)/pytest tests/browser

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Where the time of a photo goes, one thread.
bench: export TF_NUM_INTRAOP_THREADS ?= 1
bench: export OMP_NUM_THREADS ?= 1
bench: $(READY)
	$(FACES_SET)@$(BIN)/python -m bench.steps "$$FACES"

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
