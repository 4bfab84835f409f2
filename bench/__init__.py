"""Benchmarks: Latchkey beside a peer, in the same run."""
