"""The commands `paycite import`: turn releases and observations into files for the next build."""

import click

from paycite.cli.imports.aijobs import import_aijobs, import_infosec
from paycite.cli.imports.lca import import_dol_lca
from paycite.cli.imports.oews import import_bls_oews
from paycite.cli.imports.own import import_own_observations, import_postings


@click.group("import")
def import_() -> None:
    """Import a published release, or observations of your own. The next build reads them."""


for _command in (
    import_bls_oews,
    import_aijobs,
    import_infosec,
    import_dol_lca,
    import_own_observations,
    import_postings,
):
    import_.add_command(_command)
