"""How the server is run: a small process that watches, and workers that serve by uvicorn. docs/adr/0025."""
