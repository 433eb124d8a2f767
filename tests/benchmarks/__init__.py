"""Benchmarks: figures beside a peer's, measured in the same run. They are not tests: nothing fails on a time."""
