"""The commands `paycite import`: turn releases and observations into files for the next build.

Every module here has the commands of a publisher, which are added to the group as they are found.
"""

from importlib import import_module
from pkgutil import iter_modules

import click


@click.group("import")
def import_() -> None:
    """Import a published release, or observations of your own. The next build reads them."""


for _module in iter_modules(__path__, prefix=f"{__name__}."):
    for _value in vars(import_module(_module.name)).values():
        if isinstance(_value, click.Command):
            import_.add_command(_value)
