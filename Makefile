PYTHON ?= python3
BOOK = .venv/bin/python tools/book.py
.PHONY: setup run test docs lab bench clean

setup: .venv/ready  ## one virtual environment with everything
.venv/ready: pyproject.toml
	$(PYTHON) tools/book.py setup
run: .venv/ready  ## the whole story on real flights, into runs/
	.venv/bin/mlbook run settings.ini
test: .venv/ready  ## every notebook and every test; SLOW=1 adds the slow ones
	SLOW=$(SLOW) $(BOOK) test
docs: .venv/ready  ## the site, into _site/
	$(BOOK) docs
lab: .venv/ready  ## JupyterLab on the book
	$(BOOK) lab
bench: .venv/ready  ## side by side with peers; ONLY=id for one
	$(BOOK) bench $(if $(ONLY),"$(ONLY)")
clean:
	rm -rf _site build dist *.egg-info .pytest_cache .ruff_cache .venv
