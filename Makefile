# The daily commands. Everything is built into .venv/, which needs python3 (3.11 to 3.13) and nothing else.
SHELL   := /bin/sh
PYTHON  ?= python3
BIN     := .venv/bin
NITERU  := $(BIN)/niteru
GALLERY ?= gallery
PORT    ?= 8000
# What people run needs the base installation alone; training, tests and figures need the rest, too.
READY   := .venv/ready
ALL     := .venv/ready-for-work
# CROPS=1: the pictures are face crops already. DRY=1: only tell. Whatever is not a no is a yes.
CROPS_FLAG := $(if $(filter-out 0 no false,$(CROPS)),--crops)
TRAIN_FLAGS = $(if $(FROM),--from "$$FROM") $(if $(STRANGERS),--strangers "$$STRANGERS") \
  $(if $(TEACHER),--teacher "$$TEACHER") $(if $(TEST),--test "$$TEST") $(if $(GROUPS),--groups "$$GROUPS")
DRY_FLAG := $(if $(filter-out 0 no false,$(DRY)),--dry)
# Paths reach the commands through the environment, so that quotes and spaces in them survive.
export FACES FROM GALLERY GROUPS MODEL NAME OUT PAIRS STRANGERS TEACHER TEST
# Pages that are written in part by the program they describe.
GENERATED   := README.md docs/commands.md docs/design.md docs/http.md
# Written from what the installed packages say of themselves: looked at before a release, not at each change.
LICENCES    := docs/licences.md
FACES_SET   = $(if $(FACES),,$(error Say where the photos are, one folder a person: make $@ FACES=folder))

.PHONY: setup demo index serve report fit train model train-detector lab evaluate test coverage test-browser test-wheel try-container release-check lint docs bench bench-steps bench-detector bench-scale bench-check clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make demo                         try it on drawn people: index, question, report
## make index FACES=dir [CROPS=1] [DRY=1] [GALLERY=gallery]
## make serve [PORT=8000] [GALLERY=gallery]
## make report [OUT=report] [GALLERY=gallery]
## make evaluate FACES=dir [PAIRS=file] [CROPS=1]
## make fit FACES=dir [MODEL=name] [OUT=fitted] [CROPS=1]   the shipped model, or another, fitted to your people
## make train FACES=dir [FROM=scratch|MODEL] [OUT=trained] [STRANGERS=dir] [TEACHER=dir] [TEST=dir] [GROUPS=dir] [CROPS=1]   a new model
## make model FACES=dir [OUT=trained]  the shipped model again; an hour
## make train-detector FACES=dir [OUT=detector] [TEST=dir]
## make lab NAME=list|few-shot-softmax… [FACES=dir] [QUICK=1]   the first builders' experiments
## make bench [FACES=dir] [ONLY=index,start] [OUT=benchmarks]   beside what people use today; an hour
## make bench-steps FACES=dir         where the time of a photo goes
## make bench-detector FACES=dir [OUT=sheets]   the detector beside MTCNN
## make bench-check                 core-seconds beside the last release's; dearer by a tenth fails; ten minutes
## make bench-scale [OUT=scale]       what a gallery of a million made-up faces costs
## make test, make test-browser, make test-wheel, make lint
## make try-container               deploy/Dockerfile carried out without Docker; as root, on Debian; two minutes
## make release-check               whether what is here can be published; its SBOM, into build/release/; two minutes
## make docs                         the site, into build/site/

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "niteru needs Python 3.11 to 3.13; this is $$($(PYTHON) --version). Try make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing niteru into .venv: 43 packages, 720 MB; a minute or so on a quick line"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --editable '.[map]'
	@touch $@

$(ALL): $(READY)
	@echo "installing what training and the tests need, TensorFlow among it: 1.4 GB more"
	@$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --editable '.[train,dev]'
	@touch $@

setup: $(ALL)

demo: $(READY)
	@$(NITERU) demo

index: $(READY)
	$(FACES_SET)@$(NITERU) index "$$FACES" --gallery "$$GALLERY" $(CROPS_FLAG) $(DRY_FLAG)

serve: $(READY)
	@exec $(NITERU) serve --gallery "$$GALLERY" --port $(PORT)

report: $(READY)
	@$(NITERU) report --gallery "$$GALLERY" --out "$${OUT:-report}"

evaluate: $(ALL)
	$(FACES_SET)@$(NITERU) evaluate "$$FACES" $(if $(PAIRS),--pairs "$$PAIRS") $(CROPS_FLAG)

# Large tensors come and go by the second: huge pages spare the system most of the page faults.
fit: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
fit: $(ALL)
	$(FACES_SET)@$(NITERU) fit "$$FACES" $(if $(MODEL),--model "$$MODEL") --out "$${OUT:-fitted}" $(CROPS_FLAG)

train: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
train: $(ALL)
	$(FACES_SET)@$(NITERU) train "$$FACES" $(TRAIN_FLAGS) --out "$${OUT:-trained}" $(CROPS_FLAG)

model: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
model: $(ALL)
	$(FACES_SET)@$(BIN)/python -m niteru.engine.training.embedding.shipped "$$FACES" "$${OUT:-trained}"

lab: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
lab: $(ALL)
	@$(NITERU) lab "$${NAME:-list}" $(if $(FACES),"$$FACES") $(if $(filter-out 0 no false,$(QUICK)),--quick)

train-detector: export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1
train-detector: $(ALL)
	$(FACES_SET)@$(NITERU) train-detector "$$FACES" --out "$${OUT:-detector}" $(if $(TEST),--test "$$TEST")

PARALLEL = -n logical --dist loadfile --no-loadscope-reorder

test: $(ALL)
	$(BIN)/pytest $(PARALLEL)

# A tenth slower than the tests alone.
coverage: $(ALL)
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=
	@echo "covered: $$($(BIN)/coverage report --format=total) % of the lines that run in the tests' own processes"

# Needs a chromium on the PATH; the pictures it takes are for looking at.
test-browser: $(ALL)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[browser]'
	$(BIN)/pytest $(PARALLEL) tests/browser

# The wheel, in an environment of its own outside this folder.
test-wheel: $(ALL)
	$(BIN)/pytest tests/wheel

# From a bare Debian to an answer; no Docker is needed.
try-container: $(ALL)
	$(BIN)/python -m bench.container

# Source and wheel, site, licences, bill of materials, and the demo in an empty environment.
release-check: $(ALL)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[docs,release]'
	$(BIN)/python -m bench.release

lint: $(ALL)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cog -I docs --check --check-fail-msg='make docs writes them anew' $(GENERATED)

docs: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[docs]'
	$(BIN)/cog -I docs -r $(GENERATED) $(LICENCES)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Side by side with other tools, each in an environment of its own.
bench: $(ALL)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[bench]'
	$(BIN)/python -m bench.beside $(if $(FACES),"$$FACES") $(if $(ONLY),--only "$(ONLY)") $(if $(OUT),--out "$$OUT")

# Where the time of a photo goes, one thread.
bench-steps: export OMP_NUM_THREADS ?= 1
bench-steps: $(ALL)
	$(FACES_SET)@$(BIN)/python -m bench.steps "$$FACES"

# The detector beside MTCNN, whose answers stand in a landmarks.csv in FACES or beside it.
bench-detector: export TF_NUM_INTRAOP_THREADS ?= 1
bench-detector: export TF_NUM_INTEROP_THREADS ?= 1
bench-detector: export OMP_NUM_THREADS ?= 1
bench-detector: $(ALL)
	$(FACES_SET)@$(BIN)/python -m bench.detector "$$FACES" $(if $(OUT),--sheets "$$OUT")

bench-scale: $(ALL)
	@$(BIN)/python -m bench.scale --out "$${OUT:-scale}"

# This tree's wheel beside the last release's, each in an environment of its own.
bench-check: $(ALL)
	@$(BIN)/python -m bench.regression

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
