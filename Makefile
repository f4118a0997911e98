.DEFAULT_GOAL := help
.PHONY: help demo test containers attacks languages vllm check bench lock page

help: ## Show what there is to do
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/'

demo: ## Set up what agentverse needs and play a recorded run: real engine, real sandbox, no model
	@scripts/setup.sh
	@.venv/bin/agentverse demo --first

test: ## Set up what the tests need and run them
	@scripts/setup.sh dev
	@.venv/bin/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

containers: ## Test the container backend as well; needs podman: apt-get install -y podman
	@scripts/setup.sh dev
	@.venv/bin/python -m pytest -q -m container --timeout 300

attacks: ## Run every attack on every sandbox of this machine and print the table (minutes)
	@scripts/setup.sh dev
	@.venv/bin/python -m tests.sandbox.attacks

languages: ## Install the toolchains of all programming languages and test products written in each
	@scripts/setup.sh dev
	@scripts/setup.sh languages
	@.venv/bin/python -m pytest -q -m language --timeout 300

vllm: ## Install a vLLM for processors (2.4 GB) and test everything that is said to servers on it (minutes)
	@scripts/setup.sh dev
	@scripts/setup.sh vllm
	@.venv/bin/python -m pytest -q -m vllm --timeout 900

page: ## Build the page of agentverse web into the package
	@scripts/setup.sh dev
	@.venv/bin/python -m scripts.hatch_page

check: ## Format, lint, types and the direction of imports
	@scripts/setup.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/pyright
	.venv/bin/lint-imports

bench: ## Print the figures, side by side in one run
	@scripts/setup.sh dev
	@for file in benchmarks/*_bench.py; do echo "== $$file"; .venv/bin/python $$file || exit 1; done

lock: ## Write uv.lock anew
	@scripts/setup.sh dev
	@.venv/bin/uv lock
