"""Benchmarks: the same operations on the same data, side by side in one run (`make bench`)."""
