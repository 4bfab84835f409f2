"""The palette: pages, clients, people and actions by a few letters."""
