"""Words for work whose pay is not the base pay of a full-time employee, in titles and beside
amounts. Spaces and dashes separate the words of a phrase."""

from collections.abc import Mapping

PART_TIME = (("part", "time"), ("parttime",))
CONTRACTOR: Mapping[tuple[str, ...], str] = {
    ("1099",): "1099",
    ("c2c",): "C2C",
    ("corp", "to", "corp"): "corp-to-corp",
}
