# Data, training and measurement of the class separator; included by the main Makefile.
#
# RIATA_TRAINING_DIR   where sources, stems, caches and checkpoints live (default: ~/.cache/riata/training)
# RIATA_SOURCE_MIRROR  a folder with the sources, for machines without a network
# RIATA_PROTOTYPE      a folder with the prototype, to compare with (optional)

TRAINING_PYTHON ?= .venv/bin/python
TRAINING = cd gpu_container && $(abspath $(TRAINING_PYTHON)) -W ignore -m training
TRAINING_DIR = $(or $(RIATA_TRAINING_DIR),$(HOME)/.cache/riata/training)
# glibc returns large blocks to the system at once, which costs a fifth of every training step.
TRAINING_ENV = MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 OMP_WAIT_POLICY=PASSIVE
WEIGHTS ?= $(TRAINING_DIR)/runs/class-network/averaged.safetensors

.PHONY: data bench-data bench-manifest train bench-quality attribution

data:  ## fetch the open recordings, render and pack the training stems
	$(TRAINING).data $(DATA_FLAGS)

bench-data:  ## render and pack the held-out stems
	$(TRAINING).data --held $(DATA_FLAGS)

bench-manifest: bench-data  ## draw the held-out bench anew (old scores no longer compare)
	$(TRAINING).bench_manifest

train:  ## start the training run, or resume it where it stopped
	cd gpu_container && $(TRAINING_ENV) $(abspath $(TRAINING_PYTHON)) -W ignore -m training.train $(TRAIN_FLAGS)

bench-quality:  ## score WEIGHTS on the held-out bench, with baselines and bootstrap intervals
	$(TRAINING).bench_quality $(WEIGHTS) $(if $(RIATA_PROTOTYPE),--prototype $(RIATA_PROTOTYPE)) --out training/bench/quality.json $(BENCH_FLAGS)

attribution:  ## write ATTRIBUTION.md out of the table of sources
	$(TRAINING).attribution
