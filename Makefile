# pgassay: `make demo` does the main job on the recorded workload, `make test` proves the rest.

PREFIX ?= /usr/local
SWIFT ?= swift
RELEASE = $(SWIFT) build -c release --static-swift-stdlib --product pgassay
BINARY = .build/release/pgassay
DEMO = .build/demo

# Seconds for each parser, and which; all by default.
FUZZ_SECONDS ?= 60
FUZZ ?=

# Tests start servers of their own; all at once these would starve each other. Swift 6.3 can bound how many run.
SIDE_BY_SIDE = $(shell $(SWIFT) --version 2>/dev/null | grep -qE 'Swift version ([0-5]|6\.[0-2])\b' || \
	echo --experimental-maximum-parallelization-width 4)

.PHONY: help setup build demo test bench bench-logs fuzz lint format install clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## Install what is missing (Debian packages), saying what and why
	@.ci/setup

build: setup ## Build the release binary
	@start=$$(date +%s); $(RELEASE) && echo "built $(BINARY) in $$(( $$(date +%s) - start )) s"

demo: build ## Ingest the recorded workload, show the top queries, advise indexes, write the report
	@Workloads/demo.sh $(BINARY) $(DEMO)

test: setup ## Run every test
	@.ci/servers
	$(SWIFT) test $(SIDE_BY_SIDE)

bench: build ## Build the advice for the recorded workload on its database and measure every query before and after
	Benchmarks/advice.py --pgassay $(BINARY)

bench-logs: build ## Ingest a corpus of real logs in three formats beside pgbadger: speed, memory, size of the history
	Benchmarks/logs/measure.py --pgassay $(BINARY)

fuzz: setup ## Fuzz every parser with libFuzzer for FUZZ_SECONDS each (or only those in FUZZ)
	Tests/fuzz.sh $(FUZZ_SECONDS) $(FUZZ)

lint: ## Check the format of every Swift file
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift

format: ## Format every Swift file in place
	$(SWIFT) format --in-place --recursive Sources Tests Benchmarks Package.swift

install: build ## Install the binary under PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/pgassay

clean: ## Remove build products
	rm -rf .build
