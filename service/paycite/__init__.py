"""Paycite: salary benchmarks in which every figure carries its source."""

__version__ = "0.2.0"
