"""Paycite: salary benchmarks in which every figure carries its source."""

from importlib.metadata import version

__version__ = version("paycite")
