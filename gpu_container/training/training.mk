# Data, training and measurement of the class separator; included by the main Makefile.
#
# RIATA_TRAINING_DIR   where sources, stems, caches and checkpoints live (default: ~/.cache/riata/training)
# RIATA_SOURCE_MIRROR  a folder with the sources, for machines without a network
# RIATA_PROTOTYPE      weights of the prototype, to compare with (none: no comparison)
# BEGIN                weights that a new run of the small network goes on from (default: those that are shipped)
# SNAPSHOTS            of its run that `make soup` averages (default: its beginning and its end)
#
# Programs beside Python: git, fluidsynth, flite and, for the physical models, csound.

VENV ?= .venv
PIP ?= $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
TRAINING = cd gpu_container && $(abspath $(VENV))/bin/python -W ignore -m training
TRAINING_DIR = $(or $(RIATA_TRAINING_DIR),$(HOME)/.cache/riata/training)
# glibc gives large blocks back to the system at once, which costs a fifth of every training step.
TRAINING_ENV = MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592
RUN = $(TRAINING_DIR)/runs/class-separator
WEIGHTS ?= $(RUN)/separator.safetensors
SNAPSHOTS ?= step-0 averaged
BEGIN ?= weights/riata-small/separator.safetensors

.PHONY: bench-hints bench-gap bench-speed examples model-card graphs data bench-data bench-manifest train soup bench-quality attribution fusion

data: $(VENV)/.training  ## Fetch the open recordings, render and pack the training stems
	@$(TRAINING).data $(DATA_FLAGS)

bench-data: $(VENV)/.training  ## Render and pack the held-out stems
	@$(TRAINING).data --held $(DATA_FLAGS)

bench-manifest: bench-data  ## Draw the held-out bench anew (older scores no longer compare)
	@$(TRAINING).bench_manifest

train: $(VENV)/.training  ## Start the training run, or resume it where it stopped (TRAIN_FLAGS="--network class-network" for the large one)
	@export $(TRAINING_ENV); $(TRAINING).train --begin $(BEGIN) $(TRAIN_FLAGS)

soup: $(VENV)/.training  ## Average SNAPSHOTS of the small network's run, and write them to WEIGHTS
	@$(TRAINING).soup $(WEIGHTS) $(SNAPSHOTS:%=$(RUN)/%.safetensors)

bench-quality: $(VENV)/.training  ## Score WEIGHTS on the held-out bench and on the real development set, and write training/bench/
	@$(TRAINING).bench_quality $(WEIGHTS) $(if $(RIATA_PROTOTYPE),--prototype $(RIATA_PROTOTYPE)) $(BENCH_FLAGS)

bench-hints: $(VENV)/.training  ## Measure candidates and acceleration tiers with WEIGHTS, and write training/bench/
	@$(TRAINING).hint_bench $(WEIGHTS)

bench-gap: $(VENV)/.training  ## Measure how much better WEIGHTS separate training stems than held-out ones, and write training/bench/
	@$(TRAINING).gap_bench $(WEIGHTS)

bench-speed: $(VENV)/.training  ## Measure network, experts and fusion on one and two cores (a quiet machine), and write training/bench/
	@$(TRAINING).bench_speed

examples: $(VENV)/.training  ## Separate the scenes of docs/examples with the shipped weights; write sounds, pictures and table
	@$(TRAINING).examples

model-card: $(VENV)/.training  ## Put the tables of training/bench into MODEL_CARD.md
	@$(TRAINING).model_card

graphs: $(VENV)/.training  ## Write the networks as ONNX graphs, after a change to one of them
	@$(TRAINING).export

attribution: $(VENV)/.training  ## Write ATTRIBUTION.md out of the table of sources
	@$(TRAINING).attribution

$(VENV)/.training: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what the training needs into $(VENV) …" >&2
	@$(PIP) install --constraint constraints.txt --editable '.[training]'
	@touch $@

fusion: $(VENV)/.training  ## Fit the exponents of the product of experts to WEIGHTS on the real development set, and write them into it
	@$(TRAINING).fusion_fit $(WEIGHTS)
