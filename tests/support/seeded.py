"""The seeds of the project, read once for the tests that draw examples from them."""

from paycite import seeds
from support.servers import SEEDS

SEEDED = seeds.read(SEEDS)
