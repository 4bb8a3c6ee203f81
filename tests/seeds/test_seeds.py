import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite import seeds
from paycite.seeds import FIGURE_COLUMNS, SeedError
from support.servers import SEEDS

FILES = sorted(file.relative_to(SEEDS) for file in SEEDS.rglob("*.csv"))
OEWS = "distributions/bls-oews-2025-05.csv"
FIGURE_FILES = [file for file in FILES if file.parts[0] == "figures"]
TABLES = sorted(file.relative_to(SEEDS) for file in SEEDS.rglob("*.toml"))


def test_the_seeds_are_read_in_order_of_id() -> None:
    loaded = seeds.read(SEEDS)
    assert len(loaded.metros) == 590
    for kind in (
        loaded.sources,
        loaded.roles,
        loaded.levels,
        loaded.metros,
        loaded.figures,
        loaded.rules,
    ):
        ids = [seed.id for seed in kind]
        assert ids == sorted(set(ids))


def test_every_metropolitan_area_has_a_city_and_state_for_its_id() -> None:
    metros = [metro for metro in seeds.read(SEEDS).metros if metro.kind == "metro"]
    assert len({metro.cbsa_codes for metro in metros}) == len(metros) == 393
    for metro in metros:
        if metro.id != "nyc":
            states = metro.name.rpartition(", ")[2].lower().split("-")
            assert metro.id.rpartition("-")[2] == states[0]


# Corruptions: each takes a row of cells and breaks one rule in it.
Cells = dict[str, str]


def without(column: str) -> Callable[[Cells], Cells]:
    return lambda row: row | {column: ""}


def with_(column: str, value: str) -> Callable[[Cells], Cells]:
    return lambda row: row | {column: value}


def nudged(row: Cells) -> Cells:
    """One more than the source said."""
    end = "low" if row["low"] else "high"
    return row | {end: f"{float(row[end]) + 1:.15g}"} if row[end] else row | {"low": "7"}


CORRUPTIONS: dict[str, Callable[[Cells], Cells]] = {
    "no locator": without("locator"),
    "no source": without("source_id"),
    "no quotation": without("as_published"),
    "no unit": without("unit"),
    "no bound": without("bound"),
    "no geography": without("geography"),
    "no key": without("key"),
    "no topic": without("topic"),
    "unknown source": with_("source_id", "nobody"),
    "unknown role": with_("role", "astronaut"),
    "unknown level": with_("level", "boss"),
    "unknown metro": with_("geography", "atlantis"),
    "unknown unit": with_("unit", "furlongs"),
    "unknown topic": with_("topic", "gossip"),
    "other currency": with_("currency", "EUR"),
    "minimum above maximum": with_("low", "999999999999"),
    "no number": with_("low", "a lot"),
    "another number": nudged,
    "another's key": with_("key", "Not A Key"),
    "a cell too many": lambda row: row | {"extra": "x"},
    "a cell too few": lambda row: dict(list(row.items())[:-1]),
}


@settings(max_examples=150)
@given(data=st.data())
def test_a_corrupted_figure_is_always_refused_with_its_line(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = data.draw(st.sampled_from(FIGURE_FILES))
    rows = list(csv.DictReader((SEEDS / file).read_text().splitlines()))
    number = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(sorted(CORRUPTIONS)))
    corrupted = CORRUPTIONS[name](rows[number])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIGURE_COLUMNS)
    writer.writerows((corrupted if row is rows[number] else row).values() for row in rows)
    own_seeds = Path(shutil.copytree(SEEDS, tmp_path_factory.mktemp("corrupted") / "seeds"))
    (own_seeds / file).write_text(text.getvalue())
    with pytest.raises(SeedError) as error:
        seeds.read(own_seeds)
    assert (error.value.file, error.value.line) == (own_seeds / file, number + 2), name
    assert error.value.reason


def test_a_figure_stated_twice_is_refused(own_seeds: Path) -> None:
    file = own_seeds / FIGURE_FILES[0]
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[1]]) + "\n")
    with pytest.raises(SeedError, match=rf":{len(lines) + 1}: duplicate"):
        seeds.read(own_seeds)
    renamed = "renamed," + lines[1].partition(",")[2]
    file.write_text("\n".join([*lines, renamed]) + "\n")
    with pytest.raises(SeedError, match="duplicate of"):
        seeds.read(own_seeds)


KORE1 = "figures/kore1/ai-jobs-2026.csv"

# Each breaks one file where its pattern first matches; the error names the line of the match.
BREAKAGES = [
    ("sources.toml", r"^license = .*", 'licence = "spelt otherwise"'),
    ("sources.toml", r"^sha256 = .*", 'sha256 = "4d27"'),
    ("sources.toml", r"^publisher = .*", "publisher = 1"),
    ("sources.toml", r"^title = .*", "title = not quoted"),
    ("sources.toml", r"^published = .*", 'published = { precision = "decade" }'),
    ("roles.toml", r"^soc_codes = .*", "soc_codes = 151252"),
    ("roles.toml", r"^\[prompt-engineer\]", "[mlops]"),
    ("levels.toml", r"^rank = 1", 'rank = "lowest"'),
    ("levels.toml", r"^rank = 1", "rung = 1"),
    ("rules.toml", r"^figure_id = .*", 'figure_id = "kore1-ai-jobs-2026:nothing"'),
    ("rules.toml", r"^figure_id = .*", 'figure_id = "kore1-ai-jobs-2026:mlops-mid"'),
    ("rules.toml", r"^metros = .*", 'metros = ["nyc", "atlantis"]'),
    ("rules.toml", r"^note = .*", "note = 1"),
    ("levels.toml", r"^\[entry\]", 'stray = "outside"\n\n[entry]'),
    ("rules.toml", r"^topic = .*", 'topic = "growth"'),
    ("rules.toml", r"^metros = .*", 'metros = ["nyc", "nyc"]'),
    (OEWS, r"^15-1252,", "15-9999,"),
    (OEWS, r"^15-1252,", "15-1252,mlops"),
    (OEWS, r"(?<=^15-1252,,,,)nyc", "atlantis"),
    (OEWS, r"(?<=^15-1252,,,,)nyc", "bay-area"),
    (OEWS, r"(?<=^15-1252,,,,)nyc", "austin-tx"),
    (OEWS, r"(?<=^15-2051,,,,austin-tx,,)74640", "much"),
    (OEWS, r"(?<=^15-2051,,,,austin-tx,,)74640", "85781"),
    (OEWS, r"(?<=^15-2051,,,,austin-tx,,)74640", "-1"),
    (OEWS.replace(".csv", ".toml"), r"^kind = .*", 'kind = "rumoured"'),
    (OEWS.replace(".csv", ".toml"), r"^as_of = .*", 'as_of = "lately"'),
    (OEWS.replace(".csv", ".toml"), r"^sha256 = .*", 'sha256 = "none"'),
    ("occupations.csv", r"^15-1252,", "151252,"),
    ("roles.toml", r'(?<=^soc_codes = )\["15-1252"\]', '["15-9999"]'),
    ("metros.csv", r"^id,", "name,"),
    ("metros.csv", r"^austin-tx,.*", 'austin-tx,metro,"Austin, TX",12420,Austin,atx;;austin'),
    ("metros.csv", r"(?<=Troy, NY\",0010580,NY,)10580", "10420"),
    ("metros.csv", r"^akron-oh,metro,", 'akron-oh,"metro"x,'),
    ("words.csv", r"^metro,california,", "metro,California,"),
    ("words.csv", r"^role,remote,noise,", "role,remote,noise,far"),
    (KORE1, r"^mlops-mid,", "mlops-mid,,"),
    (KORE1, r"(?<=^mlops-mid,kore1-ai-jobs-2026,band,)published", "rumoured"),
    (KORE1, r"(?<=,exact,)percent(?=,,,,2026,,,15-25% higher)", "count"),
    (KORE1, r"over(?=,count,,,,,,,Over 1.3 million)", "about"),
    (KORE1, r"exact(?=,usd,USD,year,base,2026,,,\$140K-\$180K)", "over"),
    (KORE1, r"180000(?=,exact,usd,USD,year,base,2026,,,\$140K-\$180K)", "140000"),
    ("metros.csv", r"^akron-oh,metro", "akron-oh,village"),
    ("metros.csv", r"^albany-or,", "akron-oh,"),
]


@pytest.mark.parametrize(("file", "pattern", "replacement"), BREAKAGES)
def test_a_corrupted_vocabulary_is_refused_with_its_line(
    own_seeds: Path, file: str, pattern: str, replacement: str
) -> None:
    text = (own_seeds / file).read_text()
    found = re.search(pattern, text, re.MULTILINE)
    assert found
    (own_seeds / file).write_text(text[: found.start()] + replacement + text[found.end() :])
    with pytest.raises(SeedError) as error:
        seeds.read(own_seeds)
    assert error.value.file == own_seeds / file
    line = text.count("\n", 0, found.start()) + 1
    assert error.value.line == line


def test_a_name_of_two_roles_is_refused(own_seeds: Path) -> None:
    roles = own_seeds / "roles.toml"
    roles.write_text(roles.read_text().replace('"prompt designer"', '"ML-Platform Engineer"'))
    with pytest.raises(SeedError, match="names both 'mlops' and 'prompt-engineer'"):
        seeds.read(own_seeds)


@pytest.mark.parametrize(
    "name", [*TABLES, *(file for file in FILES if file.name != "occupations_2010.csv")], ids=str
)
def test_a_file_that_is_not_text_is_refused_with_its_line(own_seeds: Path, name: Path) -> None:
    file = own_seeds / name
    content = file.read_bytes()
    file.write_bytes(content + b"\n\xff\xfe\n")
    with pytest.raises(SeedError, match="not UTF-8") as error:
        seeds.read(own_seeds)
    assert error.value.line == content.count(b"\n") + 2


def test_a_file_that_would_be_passed_over_is_refused(own_seeds: Path) -> None:
    for folder, reason in (("figures", "expected a .csv file"), ("distributions", "only .csv and")):
        stray = own_seeds / folder / "notes.txt"
        stray.write_text("remember")
        with pytest.raises(SeedError, match=reason):
            seeds.read(own_seeds)
        stray.unlink()


def test_a_spreadsheets_byte_order_mark_is_read_over(own_seeds: Path) -> None:
    file = own_seeds / KORE1
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert seeds.read(own_seeds).figures == seeds.read(SEEDS).figures


def test_a_missing_file_is_named(own_seeds: Path) -> None:
    (own_seeds / "levels.toml").unlink()
    with pytest.raises(SeedError, match=r"levels\.toml:1: cannot be read: No such file"):
        seeds.read(own_seeds)
