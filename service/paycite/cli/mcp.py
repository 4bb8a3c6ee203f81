"""The command `paycite mcp`: only the protocol may write to standard output."""

import logging
import signal
from pathlib import Path

import anyio
import click

from paycite.agents.server import over_stdio
from paycite.cli.build import build_if_none
from paycite.dataset.published import Datasets
from paycite.questions.question import vocabulary
from paycite.settings import Settings
from paycite.web.handlers.mcp import parse_line
from paycite.web.logs import set_up

_LOG = logging.getLogger("paycite")


@click.command()
@click.pass_obj
def mcp(settings: Settings) -> None:
    """Answer agents over standard input and output, by the Model Context Protocol; build the
    dataset first if none can be read."""
    set_up(is_json=settings.logs_json)
    build_if_none(settings)
    _answer_agents(settings.datasets)


def _answer_agents(folder: Path) -> None:
    """Answer until standard input ends, each call from the dataset that is then current."""
    datasets = Datasets(folder, prepare=vocabulary)

    def newest() -> Datasets:
        try:
            datasets.refresh()
        except Exception as error:  # nothing that is published may stop the answers
            _LOG.error("cannot serve the published dataset, keeping the earlier one: %s", error)
        return datasets

    # Otherwise it would end with the next line: the thread that waits for it cannot be stopped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(over_stdio, newest, parse_line)
