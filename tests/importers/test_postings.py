import datetime
import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paycite.importers import ImportRefused, postings
from paycite.importers.common.fields import FieldParser
from paycite.importers.postings import NOTE
from paycite.model.observation import Observation, Observed, RefusedRow
from paycite.model.snapshot import Snapshot
from support.commands import read_output

Read = Callable[..., list[Observation | RefusedRow]]


def salary(**value: object) -> dict[str, Any]:
    value = {"minValue": 150_000, "maxValue": 180_000, "unitText": "YEAR"} | value
    stated = {name: each for name, each in value.items() if each is not None}
    value = {"@type": "QuantitativeValue", **stated}
    return {"@type": "MonetaryAmount", "currency": "USD", "value": value}


def at(locality: str = "", region: str = "", code: str = "", country: object = "US") -> object:
    address = {"addressLocality": locality, "addressRegion": region, "postalCode": code}
    return {
        "@type": "Place",
        "address": {"@type": "PostalAddress", "addressCountry": country, **address},
    }


ABROAD = at("Paris", country="FR")


def posting(**properties: object) -> dict[str, Any]:
    """A posting as employers' pages have it."""
    stated = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": "Senior Data Engineer",
        "description": "<p>Pipelines.</p>",
        "identifier": {"@type": "PropertyValue", "name": "Acme", "value": "R-17"},
        "url": "https://acme.example/jobs/17",
        "datePosted": "2024-03-01",
        "validThrough": "2024-06-01T00:00",
        "employmentType": "FULL_TIME",
        "hiringOrganization": {"@type": "Organization", "name": "Acme"},
        "jobLocation": at("Oakland", "CA", "94607"),
        "baseSalary": salary(),
    } | properties
    return {name: value for name, value in stated.items() if value is not None}


def page(*scripts: str) -> str:
    tags = "".join(f'<script type="application/ld+json">\n{one}\n</script>\n' for one in scripts)
    return (
        f"<!doctype html><html><head><title>R&D</title>\n{tags}</head><body>R&amp;D</body></html>"
    )


@pytest.fixture(scope="module")
def parser(snapshot: Snapshot) -> FieldParser:
    return FieldParser(snapshot)


@pytest.fixture
def read(parser: FieldParser, tmp_path: Path) -> Read:
    """Reads the text of a file, or what is to stand in a JSON file."""

    def read(content: object, name: str = "jobs.json") -> list[Observation | RefusedRow]:
        file = tmp_path / name
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return list(postings.read_observations([file], parser))

    return read


# The command.

CITED = ("--source", "acme-jobs", "--publisher", "Acme", "--title", "Jobs")


def test_pages_and_json_of_the_same_postings_give_the_same_observations(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "datasets", tmp_path / "own" / "datasets")
    into = tmp_path / "own" / "observations"
    stated = [
        posting(jobLocation=[at("Oakland", "CA"), at("New York", "NY", "10001"), ABROAD]),
        posting(identifier=None, jobLocation=None, jobLocationType="TELECOMMUTE"),
        posting(baseSalary=None, estimatedSalary=salary()),
    ]
    written = set()
    for name, content in {
        "jobs.json": json.dumps(stated),
        "graph.json": json.dumps({"@context": "https://schema.org", "@graph": stated}),
        "jobs.jsonl": "\n".join(map(json.dumps, stated)),
        "jobs.html": page(*map(json.dumps, stated)),
    }.items():
        (file := tmp_path / name).write_text(content)
        printed = read_output(tmp_path / "own", "import", "postings", file, *CITED)
        assert printed.startswith(
            "Imported acme-jobs: 3 observations from 1 employer. Skipped 0 repeated rows.\n"
            "Refused 1 row: the place is outside the United States.\n"
            "Refused 1 row: the salary is an estimate, not an offer.\n"
        )
        written.add((into / "acme-jobs.parquet").read_bytes())
    assert len(written) == 1
    found = duckdb.execute(
        "select id, geography, place from read_parquet($1) order by id",
        [str(into / "acme-jobs.parquet")],
    ).fetchall()
    assert found == [
        ("Acme/R-17", "san-francisco-ca", "Oakland, CA"),
        ("Acme/R-17#2", "nyc", "New York, NY 10001"),
        ("https://acme.example/jobs/17", "us", None),
    ]
    about = msgspec.json.decode((into / "acme-jobs.json").read_bytes(), type=Observed)
    assert (about.kind, about.component, about.as_of) == ("advertised", "base", "2024-03-01")
    assert about.note == NOTE


# How a posting is read.

READ: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "as it stands": (
        {},
        {
            "id": "Acme/R-17",
            "role": "data-engineer",
            "occupation": None,
            "level": "senior",
            "geography": "san-francisco-ca",
            "title": "Senior Data Engineer",
            "place": "Oakland, CA 94607",
            "employer": "Acme",
            "low": 150_000.0,
            "high": 180_000.0,
            "component": "base",
            "kind": "advertised",
            "date": datetime.date(2024, 3, 1),
        },
    ),
    "types in full": ({"@type": ["Thing", "http://schema.org/JobPosting"]}, {"employer": "Acme"}),
    "an employer as text": ({"hiringOrganization": "R&amp;D Corp"}, {"employer": "R&D Corp"}),
    "no employer": ({"hiringOrganization": None}, {"employer": None, "id": "R-17"}),
    "an identifier as text": ({"identifier": "17"}, {"id": "Acme/17"}),
    "an identifier as number": ({"identifier": {"value": 17}}, {"id": "Acme/17"}),
    "no identifier": ({"identifier": None}, {"id": "https://acme.example/jobs/17"}),
    "an occupation for a title that names no role": (
        {"title": "Wizard", "occupationalCategory": "15-1252.00 Software Developers"},
        {"role": None, "occupation": "15-1252", "level": None, "title": "Wizard"},
    ),
    "an occupation as a code with a name": (
        {"title": None, "occupationalCategory": [{"codeValue": "15-1299.00", "name": "Others"}]},
        {"role": None, "occupation": "15-1299"},
    ),
    "a category that is no occupation": (
        {"occupationalCategory": ["Engineering", "15-1252", "15-1211"]},
        {"role": "data-engineer", "occupation": None},
    ),
    "a single amount": (
        {"baseSalary": salary(value="$90.50", minValue=None, maxValue=None, unitText="HOUR")},
        {"low": 188_240.0, "high": 188_240.0},
    ),
    "a salary as text": (
        {"baseSalary": "$150,000 - $180,000 a year + bonus"},
        {"low": 150_000.0, "high": 180_000.0},
    ),
    "ends that say their period": (
        {"baseSalary": salary(minValue="$45/hr", maxValue="$50/hr", unitText=None)},
        {"low": 93_600.0, "high": 104_000.0},
    ),
    "an amount without a thing of its own": (
        {
            "baseSalary": {"value": 150_000, "unitText": "YEAR"},
            "salaryCurrency": "usd",
        },
        {"low": 150_000.0},
    ),
    "a unit by its code": (
        {"baseSalary": salary(unitText=None, unitCode="ANN")},
        {"low": 150_000.0},
    ),
    "a salary in a list of one": ({"baseSalary": [salary()]}, {"high": 180_000.0}),
    "a ZIP code alone": ({"jobLocation": at(code="94607")}, {"geography": "san-francisco-ca"}),
    "a country as a thing": (
        {"jobLocation": at("New York", "NY", country={"@type": "Country", "name": "USA"})},
        {"geography": "nyc"},
    ),
    "Puerto Rico as a country": (
        {"jobLocation": at("San Juan", country="PR")},
        {"geography": "san-juan-pr", "place": "San Juan, PR"},
    ),
    "Puerto Rico as a country and a region": (
        {"jobLocation": at("San Juan", "Puerto Rico", "00901", country="Puerto Rico")},
        {"geography": "san-juan-pr", "place": "San Juan, PR 00901"},
    ),
    "only a country": ({"jobLocation": at()}, {"geography": "us", "place": "US"}),
    "an address as text": (
        {"jobLocation": {"@type": "Place", "address": "Austin, TX"}},
        {"place": "Austin, TX"},
    ),
    "a place by its name": ({"jobLocation": {"name": "Austin, TX"}}, {"place": "Austin, TX"}),
    "a place as text": ({"jobLocation": "Austin, TX"}, {"place": "Austin, TX"}),
    "no place": ({"jobLocation": None}, {"geography": "us", "place": None}),
    "work from several states": (
        {
            "jobLocation": None,
            "jobLocationType": "TELECOMMUTE",
            "applicantLocationRequirements": [
                {"@type": "State", "name": "Texas, USA"},
                {"@type": "Country", "name": "Canada"},
            ],
        },
        {"geography": "us", "place": None},
    ),
    "employment that is not stated": ({"employmentType": None}, {"employer": "Acme"}),
    "employment in a list": ({"employmentType": ["Full-time"]}, {"employer": "Acme"}),
    "no day": ({"datePosted": None}, {"date": None}),
    "a time": ({"datePosted": "2024-03-01T08:00:00+00:00"}, {"date": datetime.date(2024, 3, 1)}),
}


@pytest.mark.parametrize("name", READ)
def test_a_posting_is_read_with(name: str, read: Read) -> None:
    properties, expected = READ[name]
    (found,) = read(posting(**properties))
    assert isinstance(found, Observation), found
    assert {field: getattr(found, field) for field in expected} == expected


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no salary": ({"baseSalary": None}, "the row has no pay"),
    "an estimate alone": (
        {"baseSalary": None, "estimatedSalary": salary()},
        "the salary is an estimate, not an offer",
    ),
    "a bare number": ({"baseSalary": 150_000}, "the salary has no currency and no unitText"),
    "a text without a currency": (
        {"baseSalary": "150000 a year"},
        "the salary has no currency and no unitText",
    ),
    "a text without a period": (
        {"baseSalary": "$150,000"},
        "the salary has no unitText, so its period is unknown",
    ),
    "a unit that the pay contradicts": (
        {"baseSalary": salary(minValue="$45/hr", maxValue="$50/hr")},
        "the pay says another period",
    ),
    "no unit": (
        {"baseSalary": salary(unitText=None)},
        "the salary has no unitText, so its period is unknown",
    ),
    "two units": (
        {"baseSalary": salary() | {"unitText": "HOUR"}},
        "unitText has two different values",
    ),
    "another currency": (
        {"baseSalary": salary() | {"currency": "EUR"}},
        "the currency is missing or not USD",
    ),
    "no currency": (
        {"baseSalary": {"value": salary()["value"]}},
        "the currency is missing or not USD",
    ),
    "half a range": ({"baseSalary": salary(maxValue=None)}, "the row has only one end of a range"),
    "an amount in words": (
        {"baseSalary": salary(value="competitive", minValue=None, maxValue=None)},
        "the amount is not a number",
    ),
    "two salaries": (
        {"baseSalary": [salary(), salary()]},
        "several values where one is expected",
    ),
    "part-time work": (
        {"employmentType": "PART_TIME"},
        "the employment is not only full-time",
    ),
    "part-time work in the title": (
        {"employmentType": None, "title": "Data Engineer (part time)"},
        "the title is that of part-time or contract work",
    ),
    "work of either kind": (
        {"employmentType": ["FULL_TIME", "CONTRACTOR"]},
        "the employment is not only full-time",
    ),
    "work of either kind in a text": (
        {"employmentType": "FULL_TIME, INTERN"},
        "the employment is not only full-time",
    ),
    "a place abroad": (
        {"jobLocation": ABROAD},
        "the place is outside the United States",
    ),
    "remote work abroad": (
        {"jobLocation": None, "applicantLocationRequirements": {"name": "Canada"}},
        "the place is outside the United States",
    ),
    "an unknown place": (
        {"jobLocation": at("Nowhere at all", "CA")},
        "Paycite does not know the place",
    ),
    "a ZIP code of another place": (
        {"jobLocation": at("Oakland", "CA", "10001")},
        "the place is ambiguous",
    ),
    "a place without words": (
        {"jobLocation": {"@type": "Place", "geo": {"latitude": 37.8}}},
        "the place has neither an address nor a name",
    ),
    "no title": ({"title": None}, "the row has neither a title nor an occupation"),
    "a title that is a thing": ({"title": {"x": 1}}, "a value is not text, a number or a date"),
    "an unknown title": ({"title": "Chef"}, "Paycite does not know the title"),
    "no date": ({"datePosted": "March"}, "the date is not written like 2026-01-31"),
    "no such day": (
        {"datePosted": "2025-02-30"},
        "the date has a day that does not exist",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_posting_is_refused_for(name: str, read: Read, tmp_path: Path) -> None:
    properties, reason = REFUSED[name]
    first, found, last = read([posting(), posting(**properties), posting()])
    assert isinstance(found, RefusedRow)
    assert (found.place, found.reason) == (f"{tmp_path / 'jobs.json'}, object 2", reason)
    assert isinstance(first, Observation)
    assert first == last


def test_a_posting_in_several_places_is_an_observation_in_each_metro(read: Read) -> None:
    places = [at("Oakland", "CA"), at("Berkeley", "CA"), at("Nowhere"), at("New York", "NY")]
    bay, nowhere, nyc = read(posting(jobLocation=places))
    assert isinstance(bay, Observation)
    assert isinstance(nyc, Observation)
    assert isinstance(nowhere, RefusedRow)
    assert (bay.id, bay.geography) == ("Acme/R-17", "san-francisco-ca")
    assert (nyc.id, nyc.geography) == ("Acme/R-17#4", "nyc")


def test_without_an_identifier_and_an_address_the_same_posting_is_the_same(read: Read) -> None:
    bare = posting(identifier=None, url=None)
    places = bare | {"jobLocation": [at("Oakland", "CA"), at("New York", "NY")]}
    again = bare | {"description": "Other words."}
    ids = [row.id for row in read([bare, again, places]) if isinstance(row, Observation)]
    assert len(ids) == 4
    assert len(set(ids)) == 3


# Files.


def test_a_page_may_have_several_scripts_broken_and_escaped_ones_too(
    read: Read, tmp_path: Path
) -> None:
    named = json.dumps(posting(title="Data Engineer, R&amp;D", employmentType=None))
    scripts = [
        json.dumps({"@type": "BreadcrumbList", "itemListElement": []}),
        json.dumps(posting())[:-20],
        json.dumps({"@type": "ItemList", "itemListElement": [{"item": posting()}, posting()]}),
        json.dumps(posting()).replace('"', "&quot;"),
        named.replace("<p>Pipelines.</p>", "<p>Line\none</p>").replace("/", "\\/"),
    ]
    text = page(*scripts).replace("application/ld+json", "Application/LD+JSON; charset=utf-8", 1)
    found = read(text + '<script type="application/ld+json">{', "jobs.html")
    file = tmp_path / "jobs.html"
    broken = [row for row in found if isinstance(row, RefusedRow)]
    assert [(row.place, row.reason) for row in broken] == [
        (f"{file}, line 5", "the script is not JSON"),
        (f"{file}, line 18", "the script is not JSON"),
    ]
    assert [row.title for row in found if isinstance(row, Observation)] == [
        *["Senior Data Engineer"] * 3,
        "Data Engineer, R&D",
    ]


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("jobs.html", page('{"@type": "Organization"}'), ""),
        ("jobs.htm", "", ""),
        ("jobs.json", '{"@type": "Organization"}', ""),
        ("jobs.json", '[{"@type": "Organization"}]', ", object 1"),
        ("jobs.jsonl", '{"@type": "Organization"}', ", line 1"),
        ("jobs.jsonl", '{}\n{"@type": "JobPosting"', ", line 2"),
    ],
)
def test_what_holds_no_posting_is_refused(
    name: str, content: str, place: str, read: Read, tmp_path: Path
) -> None:
    *_, last = read(content, name)
    assert isinstance(last, RefusedRow)
    assert (last.place, last.reason) == (f"{tmp_path / name}{place}", "no JobPosting found")


@pytest.mark.parametrize(
    "wrapped",
    [
        *("<![CDATA[{}]]>", "//<![CDATA[\n{}\n//]]>", "/*<![CDATA[*/ {} /*]]>*/"),
        *("<!-- {} -->", "<!--\n{}\n//-->"),
    ],
)
def test_a_script_may_be_wrapped_in_cdata_or_in_a_comment(wrapped: str, read: Read) -> None:
    script = json.dumps(posting(title="Data Engineer", url="https://a.example//]]"))
    (found,) = read(page(wrapped.replace("{}", script)), "jobs.html")
    assert isinstance(found, Observation), found


def test_a_packed_file_is_read_as_the_plain_one(parser: FieldParser, tmp_path: Path) -> None:
    for name, content in {"a.json": json.dumps(posting()), "a.html": page("{}")}.items():
        plain, packed = tmp_path / name, tmp_path / f"{name}.gz"
        plain.write_text("\ufeff" + content)
        packed.write_bytes(gzip.compress(content.encode()))
        one, other = (list(postings.read_observations([file], parser)) for file in (plain, packed))
        assert [type(row) for row in one] == [type(row) for row in other]


BAD = {
    "another ending": (
        "a.csv",
        b"{}",
        "the file name must end with one of .json, .jsonl, .ndjson, .html",
    ),
    "broken JSON": ("a.json", b'{"@type": ', "not JSON: Input data was truncated"),
    "no JSON": ("a.json", b"title,amount\n", "not JSON: JSON is malformed"),
    "nested without end": ("a.json", b"[" * 100_000, "nested in more than 100 levels"),
    "nothing": ("a.json", b"", "not JSON: Input data was truncated"),
    "JSON over several lines": ("a.jsonl", b"[\n{}\n]", "line 1: not JSON Lines, which have an"),
    "another encoding": ("a.html", page("é").encode("latin-1"), "not UTF-8"),
    "bytes": ("a.html", bytes(range(256)), "not UTF-8"),
    "too much": ("a.json", b" " * 100_000_001, "more than 100,000,000 bytes: make it .jsonl"),
    "too much, packed": (
        *(
            "a.html.gz",
            gzip.compress(os.urandom(10**6).hex().encode() + (b" " * 999 + b"\n") * 100_001),
        ),
        "more than 100,000,000 bytes: make it .jsonl",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_of_another_kind_is_refused(name: str, parser: FieldParser, tmp_path: Path) -> None:
    file_name, content, reason = BAD[name]
    (file := tmp_path / file_name).write_bytes(content)
    with pytest.raises(ImportRefused) as error:
        list(postings.read_observations([file], parser))
    assert str(error.value).startswith(str(file))
    assert reason in str(error.value)


# Promises about all postings.

KEYS = st.sampled_from(
    [
        *("title", "name", "value", "minValue", "maxValue", "unitText", "unitCode", "currency"),
        *("baseSalary", "address", "addressCountry", "addressLocality", "postalCode", "@type"),
        *("identifier", "employmentType", "jobLocation", "codeValue", "occupationalCategory"),
        *("hiringOrganization", "datePosted", "applicantLocationRequirements", "url"),
    ]
)
TEXT = st.text(max_size=10) | st.sampled_from(["USD", "YEAR", "15-1252", "Texas", "FULL_TIME"])
VALUE = st.recursive(
    TEXT
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)
DEEP: Any = []
for _ in range(90):
    DEEP = [DEEP]


@settings(max_examples=500)
@given(properties=st.dictionaries(KEYS, VALUE))
@example(properties={"baseSalary": {"value": DEEP}})
@example(properties={"jobLocation": DEEP})
@example(properties={"@type": DEEP})
def test_every_posting_is_observations_or_refused(
    properties: dict[str, Any], parser: FieldParser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("postings")
    content = json.dumps(posting(**properties))
    for name, text in {"a.json": content, "a.jsonl": content, "a.html": page(content)}.items():
        (file := folder / name).write_text(text)
        found = list(postings.read_observations([file], parser))
        assert found
        for row in found:
            if isinstance(row, Observation):
                assert msgspec.json.decode(msgspec.json.encode(row), type=Observation) == row
            else:
                assert row.place.startswith(str(file))


@settings(max_examples=200)
@given(text=st.text(alphabet='<script type="application/ld+json">{}[]/!-@&;', max_size=200))
def test_every_page_is_read(
    text: str, parser: FieldParser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("pages") / "a.html"
    file.write_text(page("{}") + text)
    assert list(postings.read_observations([file], parser))
