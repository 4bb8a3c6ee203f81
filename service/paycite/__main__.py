"""`python -m paycite`."""

from paycite.cli import main

main(prog_name="paycite")
