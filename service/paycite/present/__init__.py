"""Answers in formats other than JSON, one module per format. Pure: no clock, I/O or database."""
