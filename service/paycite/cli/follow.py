"""`paycite serve --dataset`: keep a folder of datasets as they are published elsewhere. The
workers watch the folder, as they do where datasets are built."""

import logging
import random
import threading
import time
from pathlib import Path

import click

from paycite.cli.build import has_private_sources
from paycite.dataset.store import DatasetError

_SECONDS_BETWEEN_LOOKS = 3.0  # half of it to one and a half, so that servers do not ask together
_LONGEST_WAIT = 8  # times as long, while it fails
_LOG = logging.getLogger("paycite")


def follow(datasets: Path, address: str) -> None:
    """Take over what is published at the address, and go on doing so in a thread.

    If that fails now, the service starts with the dataset in the folder; ClickException without
    one. RemoteError for an address that is not a place for datasets.
    """
    from paycite.dataset.remote import Place, RemoteError, Replica

    replica = Replica(Place(address), datasets)
    complaint = ""
    try:
        replica.follow(is_serving=False)
    except (RemoteError, DatasetError, OSError) as error:
        complaint = str(error)
        try:
            has_private_sources(datasets)
        except DatasetError:
            raise click.ClickException(f"{complaint}\nThere is no dataset here either.") from None
        _LOG.warning("starting with the dataset that is here: %s", complaint)

    def keep_following(complaint: str) -> None:
        wait = 1
        while True:
            # Jitter, not a secret.
            time.sleep(_SECONDS_BETWEEN_LOOKS * wait * random.uniform(0.5, 1.5))  # noqa: S311
            try:
                if pointer := replica.follow():
                    _LOG.info("took over %s, generation %d", pointer.version, pointer.generation)
                elif complaint:
                    _LOG.info("following %s again", address)
                complaint, wait = "", 1
            except Exception as error:  # nothing that is published must stop the thread
                wait = min(2 * wait, _LONGEST_WAIT)
                if complaint != str(error):
                    complaint = str(error)
                    _LOG.warning("keeping the dataset that is served: %s", complaint)

    threading.Thread(target=keep_following, args=[complaint], daemon=True).start()
