"""What the manual says is true, and it leaves nothing out."""

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import httpx
import msgspec
import pytest

from paycite.cli import main
from paycite.model.parameters import Requested
from paycite.model.problem import PROBLEM_TYPES
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import normal
from paycite.settings import ROOT, SETTINGS
from paycite.web.app import ENDPOINTS
from paycite.web.handlers.salary import salary
from support.commands import read_output
from support.questions import ask
from support.servers import running

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OTHERS = ("CONTRIBUTING.md", "SECURITY.md", "bench/README.md", "data/README.md")
DOCUMENTS = [*PAGES, *(ROOT / name for name in OTHERS)]
MANUAL = "\n".join(page.read_text() for page in PAGES)
SERVICE = "http://127.0.0.1:8000"
# So that what is printed is not shortened.
SHOW_ALL = """
import pandas, polars
pandas.options.display.width = pandas.options.display.max_colwidth = 1000
pandas.options.display.max_columns = 20
polars.Config(tbl_width_chars=1000, fmt_str_lengths=1000, tbl_rows=20, tbl_cols=20)
"""
MOST_WORDS = 2_300  # ten minutes of reading

of_each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
of_each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda one: str(one.relative_to(ROOT))
)


class Block(NamedTuple):
    """A fenced block: its language, and its text."""

    language: str
    text: str


def blocks(document: Path) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", document.read_text(), re.DOTALL | re.MULTILINE)
    return [Block(*one) for one in found]


def without_blocks(document: Path) -> str:
    return re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)


def shell_commands(document: Path) -> Iterator[list[str]]:
    """The commands of the shell blocks, word by word."""
    for block in blocks(document):
        if block.language == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield words


def sections(document: Path) -> set[str]:
    """The fragments of its headings, as the forges make them."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


# What it shows.


def send(words: list[str], client: httpx.Client) -> httpx.Response:
    """Do as curl would: the options of the manual's examples, and no others."""
    url, body = "", None
    headers: dict[str, str] = {}
    options = iter(words[1:])
    for word in options:
        match word:
            case "-s":
                pass
            case "-o":
                next(options)
            case "-H":
                name, _, value = next(options).partition(": ")
                headers[name] = value
            case "-d":
                body = next(options)
            case "--data-binary":
                assert next(options) == "@candidates.csv"
                body = "role,metro\nSr. MLOps Eng,Brooklyn\n"
            case _:
                url = word
    assert url.startswith(f"{SERVICE}/"), words
    method = "GET" if body is None else "POST"
    return client.request(method, url.removeprefix(SERVICE), content=body, headers=headers)


@of_each_page
def test_every_curl_command_answers_as_shown(page: Path, client: httpx.Client) -> None:
    answer: httpx.Response | None = None
    for block in blocks(page):
        if block.language == "json":
            assert answer is not None, "an answer without its question"
            shown = json.loads(block.text)
            assert is_part_of(shown, answer.json()), answer.text[:2_000]
            assert answer.status_code == shown.get("status", 200)
        elif block.language == "sh":
            answer = None
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.startswith("curl "):
                    version = client.get("/ready").headers["x-dataset-version"]
                    answer = send(shlex.split(line.replace("VERSION", version)), client)
                    if answer.status_code != 200:
                        assert f'"status": {answer.status_code}' in page.read_text(), line


def is_part_of(part: object, whole: object) -> bool:
    """Whether everything in `part` is in `whole`, in its place."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_part_of(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(is_part_of, part, whole))
    return part == whole


@pytest.mark.parametrize(
    ("part", "whole"), [({"a": 1}, {}), ({"a": [1, 2]}, {"a": [1]}), ([1], {}), (1, 2)]
)
def test_what_an_answer_lacks_is_not_part_of_it(part: object, whole: object) -> None:
    assert not is_part_of(part, whole)


@of_each_page
def test_every_query_in_the_text_is_answered(page: Path, client: httpx.Client) -> None:
    for address in re.findall(r"`(/[^`\s]*\?[^`]*)`", without_blocks(page)):
        if "VERSION" not in address:
            assert client.get(address).status_code == 200, address


def test_every_block_is_of_a_language_that_is_tested_here_or_elsewhere() -> None:
    languages = {block.language for page in PAGES for block in blocks(page)}
    assert languages == {"sh", "json", "jsonc", "sql", "html", "ts", "python"}
    for page in PAGES:
        for block in blocks(page):
            if block.language == "jsonc":
                assert "mcpServers" in json.loads(block.text)


def test_every_sql_query_answers(dataset: Path, tmp_path: Path) -> None:
    import duckdb

    page = ROOT / "docs/data.md"
    queries = [one.text for one in blocks(page) if one.language == "sql"]
    with duckdb.connect(shutil.copyfile(dataset, tmp_path / "copy.duckdb")) as stranger:
        band, comments = (stranger.execute(query).fetchall() for query in queries)
        tables = stranger.execute("select table_name from duckdb_tables()").fetchall()
        views = stranger.execute("select view_name from duckdb_views() where not internal")
        names = {name for (name,) in [*tables, *views.fetchall()]}
    assert band[0][:2] == (161_000, 225_000)
    assert all(text for *_, text in comments)
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/data.md").read_text(), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert names <= documented


def test_every_way_to_ask_a_download_gives_the_same_ten_metros(
    client: httpx.Client, snapshot: Snapshot, tmp_path: Path
) -> None:
    """Each block of the page as it stands, in the order of the page, in one folder."""
    page = ROOT / "docs/download.md"
    shown: list[str] = []
    for block in blocks(page):
        if block.language == "sh":
            for words in block.text.splitlines():
                command = shlex.split(words.replace("VERSION", snapshot.version))
                answer = send(command, client)
                assert answer.status_code == 200, words
                if "-o" in command:
                    (tmp_path / command[command.index("-o") + 1]).write_bytes(answer.content)
        elif block.language == "sql":
            script = f"import duckdb\nprint(duckdb.execute({block.text!r}).df().to_string())"
            shown.append(run_python(script, tmp_path))
        elif block.language == "python":
            shown.append(run_python(block.text, tmp_path))
    with (tmp_path / "pay.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(10), strict=False)]
    assert len(rows) == 10 and len(shown) == 3
    assert all(row["publishers"] and row["citation"] for row in rows)
    for output in shown:
        for row in rows:
            assert row["p50"] in output and row["metro_name"][:12] in output, output
            assert row["publishers"][:12] in output


def run_python(script: str, folder: Path) -> str:
    command = [sys.executable, "-c", f"{SHOW_ALL}\n{script}"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@of_each_document
def test_every_paycite_command_in_a_block_has_its_options(document: Path) -> None:
    found = dict(commands())
    for words in shell_commands(document):
        if words[0] == "paycite":
            name = max((one for one in found if words[1:][: len(one)] == list(one)), key=len)
            options = {option for one in found[name].params for option in one.opts}
            assert {word for word in words if word.startswith("--")} <= options, words


# What it names.


@of_each_document
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    for link in re.findall(r"\]\((?!http)(.*?)\)", without_blocks(document)):
        name, _, section = link.partition("#")
        file = document.parent / name if name else document
        assert file.exists(), link
        assert not section or section in sections(file), link
    for name in re.findall(r"`((?:service|tests|seeds|bench|docs|deploy)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\b[a-z]+/[\w/]+\.py\b", text):
        folders = (ROOT, ROOT / "service", ROOT / "service/paycite", document.parent)
        assert any((folder / name).exists() for folder in folders), name


@of_each_document
def test_every_target_that_a_document_names_is_in_the_makefile(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    in_text = re.findall(r"`make\s+([a-z-]+)`", document.read_text())
    in_blocks = [words[1] for words in shell_commands(document) if words[0] == "make"]
    for target in in_text + in_blocks:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@of_each_document
def test_no_document_names_a_machine_or_a_package_index(document: Path) -> None:
    text = document.read_text()
    assert not re.search(r"/(?:work|root|home|tmp|Users)/|\bpypi\.|npmjs\.", text)


# What it must not leave out.


def commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its name, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(
    ("name", "command"),
    [*commands()],
    ids=lambda one: "-".join(one) if isinstance(one, tuple) else "",
)
def test_every_command_is_documented_with_its_options(
    name: tuple[str, ...], command: click.Command
) -> None:
    operating = (ROOT / "docs/operating.md").read_text()
    (shown,) = re.findall(rf"^\| `paycite {' '.join(name)}\b( [^`]*)?` \|", operating, re.MULTILINE)
    elsewhere = MANUAL if name[-1] in ("observations", "postings") else ""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert re.search(rf"{parameter.opts[0]}\b", shown + elsewhere), parameter.opts[0]
        else:
            assert parameter.human_readable_name in shown


def test_every_address_and_parameter_is_documented() -> None:
    assert "`/mcp`" in MANUAL
    for endpoint in ENDPOINTS:
        if not endpoint.path.startswith(("/static/", "/docs/")):
            # `.html` after an address that is documented is a rule of its own.
            written = (endpoint.path, endpoint.path.removesuffix(".html"))
            found = [re.search(rf"{re.escape(one)}(?![\w./{{])", MANUAL) for one in written]
            assert any(found), endpoint.path
            for field in msgspec.structs.fields(endpoint.parameters):
                assert f"`{field.name}`" in MANUAL, (endpoint.path, field.name)


def test_the_table_of_salary_has_its_parameters() -> None:
    api = (ROOT / "docs/api.md").read_text()
    section = api.partition("`GET /salary` takes:")[2].partition("\n## ")[0]
    names = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(names) == sorted(salary.parameters.__struct_fields__)


@pytest.mark.parametrize(
    ("file", "excluded"),
    [
        ("service/paycite/present/html/templates/salary_form.html", set()),
        ("service/paycite/present/html/templates/compare_form.html", set()),
        # The range takes the place of the offer.
        ("service/paycite/present/html/templates/posting_form.html", {"offer"}),
        ("service/paycite/present/html/templates/embed_form.html", set()),
        ("service/paycite/web/static/embed.js", set()),
        ("tests/agents/test_mcp.py", set()),
        ("tests/batch/test_batch.py", {"dataset"}),  # it applies to all rows
    ],
)
def test_a_list_of_parameters_written_by_hand_has_every_parameter(
    file: str, excluded: set[str]
) -> None:
    text = (ROOT / file).read_text()
    names = set(Requested.__struct_fields__) - excluded
    missing = sorted(name for name in names if f'"{name}"' not in text)
    assert not missing, f"add {missing} to {file}, or exclude it here with the reason"


def test_every_setting_is_documented() -> None:
    operating = (ROOT / "docs/operating.md").read_text()
    for setting in SETTINGS:
        assert re.search(rf"^\| `{setting}` \|", operating, re.MULTILINE)


def test_every_dependency_is_documented() -> None:
    operating = (ROOT / "docs/operating.md").read_text()
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    section = operating.partition("| dependency |")[2]
    named = set(re.findall(r"^\| ([\w-]+) \|", section, re.MULTILINE))
    assert named == names_of(declared["project"]["dependencies"])
    others = {**declared["dependency-groups"], **declared["project"]["optional-dependencies"]}
    words = set(re.findall(r"[\w-]+", operating))
    assert names_of(one for several in others.values() for one in several) <= words


def names_of(dependencies: Iterable[str]) -> set[str]:
    return {re.split(r"[<>=\[]", one)[0] for one in dependencies}


def test_every_problem_is_documented_with_its_status() -> None:
    section = (ROOT / "docs/api.md").read_text().partition("\n## Problems\n")[2]
    for name, kind in PROBLEM_TYPES.items():
        rows = re.findall(rf"^\|.*`{name}`.*\|$", section, re.MULTILINE)
        assert len(rows) == 1, f"add {name} to the table of problems in docs/api.md"
        assert str(kind.status) in rows[0]


def test_every_room_is_documented() -> None:
    package = ROOT / "service/paycite"
    rooms = {one.name for one in package.iterdir() if one.is_dir()} - {"__pycache__"}
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)) == rooms


def test_the_levels_are_printed_once_and_all_of_them(snapshot: Snapshot) -> None:
    for level in snapshot.levels.values():
        (row,) = re.findall(rf"^\| `{level.id}` \|(.*)\|(.*)\|$", MANUAL, re.MULTILINE)
        anywhere, at_end = ({normal(name) for name in cell.split(",")} - {""} for cell in row)
        # "senior" is both the id and the title, "Mid-level" only the title.
        assert anywhere | {level.id} == set(map(normal, (level.id, level.title, *level.aliases)))
        assert at_end == set(level.suffixes)


def test_the_error_of_each_label_is_what_the_dataset_says(snapshot: Snapshot) -> None:
    errors = {one.id: one.median_absolute_error for one in snapshot.label_errors}
    method = (ROOT / "docs/method.md").read_text()
    for label in ("high", "medium", "low"):
        cells = [
            f"{errors[f'{tested}-{label}-row']:.1%}, {errors[f'{tested}-{label}-employer']:.1%}"
            for tested in ("advertisements-2023", "filings-2024")
        ]
        assert f"| {label} | {' | '.join(cells)} |" in method


def test_the_worked_example_is_the_answer_of_the_dataset(snapshot: Snapshot) -> None:
    method = (ROOT / "docs/method.md").read_text()
    example = method.partition("\n## Example")[2].partition("\n## ")[0]
    answer = ask(snapshot, "data-engineer", "senior", "columbus-oh")
    for chain in answer.chains:
        cells = [f"${getattr(chain.percentiles, name):,}" for name in ("p25", "p50", "p75")]
        assert f"| {chain.weight:.6f} | ".replace("0.", ".", 1) + " | ".join(cells) in example
    estimate = answer.estimate
    for amount in (estimate.range.min, estimate.median, estimate.range.max):
        assert f"**${amount:,}**" in example
    for step in (step for chain in answer.chains for step in chain.steps):
        if step.factor and step.factor.min == step.factor.max:
            assert step.as_published.lstrip("0") in example


def test_the_pooled_example_is_the_answer_of_the_dataset(snapshot: Snapshot) -> None:
    manual = (ROOT / "docs/observations.md").read_text()
    example = manual.partition("the filings that ship with Paycite")[2].partition("\n- ")[0]
    (source,) = re.findall(r"source=([\w-]+)", example)
    (chain,) = ask(snapshot, "data-scientist", "senior", "nyc", sources=(source,)).chains
    rows = [line for line in example.splitlines() if "$" in line]
    for step, row in zip(chain.steps, rows, strict=True):
        assert row.endswith(f"| {step.n:,} of {step.employers:,} |")
        amounts = [f"${amount:,}" for amount in dict.fromkeys((step.range.min, step.range.max))]
        assert f"| {' to '.join(amounts)} |" in row
        if step.factor:
            ends = dict.fromkeys((step.factor.min, step.factor.max))
            assert f"| {' to '.join(map(str, ends))} |" in row


def test_the_accuracy_of_matching_is_what_the_report_measures(data: Path) -> None:
    text = (ROOT / "docs/reading-titles-and-places.md").read_text()
    printed = read_output(data, "match-report")
    found = re.findall(
        r"/([\w]+\.csv)\n  rows: (\d+)\n.*?accuracy: .*?, ([\d.]+%) \(95% interval (.*?)\)\n"
        r"  coverage at 98% precision: .*?, ([\d.]+%) \(95% interval (.*?)\)",
        printed,
        re.DOTALL,
    )
    assert len(found) == len(list((ROOT / "tests/labeled").glob("*.csv")))
    for name, rows, accuracy, its_interval, coverage, interval in found:
        row = f"| `{name}` | {rows} | {accuracy} ({its_interval}) | {coverage} ({interval}) |"
        assert row in text, row


# How long it is.


@of_each_page
def test_a_page_is_read_in_ten_minutes(page: Path) -> None:
    assert len(page.read_text().split()) <= MOST_WORDS


def test_the_readme_is_a_page_and_a_half_and_links_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 100
    for page in PAGES[1:]:
        assert f"](docs/{page.name})" in readme


# What its first command does.


def test_make_serve_serves(tmp_path: Path) -> None:
    command = ("make", "--directory", ROOT, "serve", "PORT=PORT")
    with running(command, tmp_path, {"PAYCITE_DATA": str(tmp_path)}) as client:
        (curl,) = [words for words in shell_commands(ROOT / "README.md") if words[0] == "curl"]
        assert send(curl, client).json()["estimate"]["range"]["min"] == 161_000
