"""Benchmarks: programs that print tables of ratios, and never pass or fail."""
