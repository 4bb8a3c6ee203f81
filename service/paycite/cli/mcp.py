"""Answers for agents over standard input and output, of which the protocol alone may write."""

import logging
import signal
from pathlib import Path

import anyio

from paycite.api.mcp.server import over_stdio
from paycite.api.question import vocabulary
from paycite.dataset.store import Datasets

_LOG = logging.getLogger("paycite")


def answer_agents(folder: Path) -> None:
    """Answer until standard input ends, each call from the dataset that is current then."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
    datasets = Datasets(folder, prepare=vocabulary)

    def newest() -> Datasets:
        try:
            datasets.refresh()
        except Exception as error:  # nothing that is published may end the answering
            _LOG.error("a published dataset cannot be served, the earlier one stays: %s", error)
        return datasets

    # Else it would end when the next line is read: the thread that waits for it cannot be stopped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(over_stdio, newest)
