"""The simulator: what would happen at a place, and why."""
