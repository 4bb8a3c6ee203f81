"""Titles as people write them: the role, and the level where the title says it."""
