"""Answers in formats other than JSON, one module per format. Without clock or database; charts and
pages read their own templates and data files."""
