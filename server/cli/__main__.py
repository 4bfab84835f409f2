"""`python -m server.cli` is `latchkey`."""

from server.cli import main

main()
