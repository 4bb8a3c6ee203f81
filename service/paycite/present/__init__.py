"""Answers in other forms than JSON, one module a form. Pure: no clock, no I/O, no database."""
