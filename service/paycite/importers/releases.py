"""Where publishers put the files of their releases."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from paycite.importers import ImportRefused

_BLS = "https://www.bls.gov/oes/special-requests/oesm{}{}.zip"
_BLS_PARTS = ("nat", "st", "ma")  # the last has the nonmetropolitan areas too
_DOL = "https://www.dol.gov/sites/dolgov/files/ETA/oflc/pdfs/LCA_Disclosure_Data_FY{}_Q{}.xlsx"


class Publisher(Struct, frozen=True):
    """The newest release that Paycite knows, the addresses of one, and the page that lists them."""

    newest: str
    find_addresses: Callable[[str], Sequence[str]]
    page: str
    published: Mapping[str, datetime.date] = {}


def _find_bls(release: str) -> Sequence[str]:
    found = re.fullmatch(r"(20\d\d)(-05)?", release)
    if not found or found[1] < "2019":
        raise ImportRefused(release, "expected the May of a release since 2019, such as 2025-05")
    return [_BLS.format(found[1][2:], part) for part in _BLS_PARTS]


def _find_dol(release: str) -> Sequence[str]:
    found = re.fullmatch(r"FY(20\d\d)_?Q([1-4])", release, re.IGNORECASE)
    if not found or found[1] < "2020":
        raise ImportRefused(release, "expected a quarter since fiscal 2020, such as FY2025Q4")
    return [_DOL.format(*found.groups())]


PUBLISHERS = {
    "bls-oews": Publisher(
        newest="2025-05",
        find_addresses=_find_bls,
        page="https://www.bls.gov/oes/tables.htm",
        published={"2025-05": datetime.date(2026, 5, 15)},
    ),
    "dol-lca": Publisher(
        newest="FY2025Q4",
        find_addresses=_find_dol,
        page="https://www.dol.gov/agencies/eta/foreign-labor/performance",
    ),
}
