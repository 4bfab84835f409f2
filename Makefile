# The only commands anyone types. `make` alone explains them.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# What one process has compiled is there for the hundreds that follow it, whatever the machine is used to.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
EXAMPLES := example-server example-client example-api
.PHONY: help run $(EXAMPLES) test check faults format types reference bench scale-registrations scale-audit scale-console scale-replay bench-growth api-fuzz places soak topology screenshots golden mutate lock clean

TESTS ?= tests
# Four at a time on two cores, a file each: whoever waits for a browser or a process lets somebody else work.
# In the order of tests/conftest.py: by themselves they would begin with the files of many tests, which are the quick ones.
PARALLEL ?= -n 4 --dist loadfile --no-loadscope-reorder --max-worker-restart 0
# A gate says the same of the same commit: the tests of a file in their order, which `make test` shuffles.
ORDERED := -p no:randomly
PURE := server/protocol/*,server/*/policy.py,server/grant_types/*,server/interactions/*

help:
	@echo 'make run      serve the demo on http://127.0.0.1:9000 (ARGS="--port 9001" and LATCHKEY_* variables are passed on)'
	@echo 'make example-server, example-client, example-api    programs that use it: examples/README.md'
	@echo 'make test     run every test on SQLite, and what touches storage on PostgreSQL (TESTS=tests/unit for some)'
	@echo 'make check    all that CI runs: format, lint, types, import rules, tests with coverage'
	@echo 'make faults   kill, stall and fill up what it stands on, longer than make check does (SCALE=5; minutes)'
	@echo 'make bench    measure speed beside other servers (minutes; make bench-growth: many tenants, people, workers;'
	@echo '              make soak: ten minutes at 70 % of the ceiling). What they show: bench/README.md'
	@echo 'make scale-registrations  measure a million registered clients on PostgreSQL (minutes)'
	@echo 'make scale-audit  time the audit log among ten million events (some minutes; ARGS="--rows 1000000")'
	@echo 'make scale-console  time every list page of the console, with 1,000 tenants, 100,000 people, ten million events (minutes)'
	@echo 'make api-fuzz  ask the API whatever its description allows, for five minutes (ARGS=60 for one)'
	@echo 'make scale-replay  measure a policy over 100,000 recorded authorizations, on both databases (two minutes)'
	@echo 'make topology  two nodes behind the proxy of docker-compose.yml, without containers (half a minute)'
	@echo 'make screenshots  draw the main pages into var/screenshots'
	@echo 'make golden   compare the main pages with tests/golden/pictures (RENEW=1 draws those anew; half a minute)'
	@echo 'make places   click every place of the trust table through a real browser (two minutes)'
	@echo 'make format   format and mend what ruff can'
	@echo 'make reference  write the generated pages of docs/reference'
	@echo 'make mutate   mutation testing of the pure modules (minutes)'
	@echo 'make lock     pin the dependencies anew, by hash (needs uv; ARGS=--upgrade for newer ones)'
	@echo 'make clean    remove what tools left behind; var/ and .venv stay'

run:
	@scripts/setup
	@exec latchkey serve --migrate --demo $(ARGS)

example-server: PROGRAM := mcp_server
example-client: PROGRAM := mcp_client
example-api: PROGRAM := quart_api
$(EXAMPLES):
	@scripts/setup dev
	@exec python examples/$(PROGRAM).py $(ARGS)

test:
	@scripts/setup-tests
	@pytest $(PARALLEL) $(TESTS); first=$$?; pytest $(PARALLEL) $(TESTS) --database postgresql -m storage || [ $$? -eq 5 ] && exit $$first

check:
	@scripts/setup-tests
	ruff format --check .
	ruff check .
	mypy
	lint-imports --no-cache
	@rm -rf var/coverage && mkdir -p var/coverage
	pytest $(PARALLEL) $(ORDERED) --cov --cov-report=
	pytest $(PARALLEL) $(ORDERED) --cov --cov-append --cov-report= --database postgresql -m storage
	coverage report --fail-under=95
	coverage report --include='$(PURE)' --fail-under=100

SCALE ?= 5
faults:
	@scripts/setup-tests
	FAULTS_SCALE=$(SCALE) pytest $(ORDERED) -s tests/faults

format:
	@scripts/setup dev
	ruff check --fix .
	ruff format .

reference:
	@scripts/setup dev
	python scripts/write_reference.py

bench:
	@scripts/setup-tests bench
	python -m bench $(ARGS)

scale-registrations:
	@scripts/setup-tests
	python -m bench.registrations $(ARGS)

scale-console:
	@scripts/setup-tests
	python -m bench.console $(ARGS)

scale-audit:
	@scripts/setup-tests
	python -m bench.audit_scale $(ARGS)

api-fuzz:
	@scripts/setup-tests
	python -m tests.api.fuzzing $(or $(ARGS),300)

scale-replay:
	@scripts/setup-tests
	python -m bench.replay --database sqlite $(ARGS)
	python -m bench.replay --database postgresql $(ARGS)

topology:
	@scripts/setup-tests topology
	pytest tests/deployment/two_nodes.py $(ARGS)

bench-growth:
	@scripts/setup-tests bench
	python -m bench.growth $(ARGS)

soak:
	@scripts/setup-tests bench
	python -m bench.soak $(ARGS)

screenshots:
	@scripts/setup-tests
	python -m tests.browser.screenshots

golden:
	@scripts/setup-tests
	GOLDEN=1 GOLDEN_RENEW=$(RENEW) pytest $(ORDERED) tests/golden

places:
	@scripts/setup-tests
	PLACES_EVERY=1 pytest $(ORDERED) tests/browser/test_places.py

mutate:
	@scripts/setup dev
	mutmut run
	mutmut results

# No header and no addresses: where packages come from is each machine's affair.
LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header $(ARGS)
lock:
	$(LOCK) --group build -o requirements.txt
	$(LOCK) --group build --group dev -c requirements.txt -o requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --group node -o requirements-node.txt
	uv pip compile bench/peers/requirements.in --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o bench/peers/requirements.txt

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis mutants var/coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
