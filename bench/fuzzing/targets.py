"""What is fuzzed: all that takes text from strangers, and real-looking inputs to start from."""

import asyncio
import csv
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zlib import crc32

import msgspec
import openpyxl
from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzzing.fuzzer import Target
from fuzzing.inputs import Input
from paycite import seeds
from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.importers import ImportRefused, aijobs, lca, observations, oews, postings
from paycite.importers.common.fields import FieldParser
from paycite.importers.common.observations import import_observations
from paycite.importers.oews.workbook import COLUMNS as WORKBOOK_COLUMNS
from paycite.match import Vocabulary
from paycite.match.amounts import parse_amounts
from paycite.match.amounts.errors import AmountError
from paycite.model.figure import Published, Source
from paycite.model.problem import Refusal
from paycite.seeds import SeedError
from paycite.seeds.occupations import load_crosswalk
from paycite.settings import ROOT, Settings
from paycite.web.app import build_app
from traffic.requests import Exchange, Words, exchanges
from traffic.requests import target as address

_SEEDS = ROOT / "seeds"
_LARGE = ("zips", "place_names", "counties", "areas", "metro_points", "distributions/*", "pools/*")
_ROWS = 20  # of a large seed file, so that reading is quick
_WRITTEN = 16  # of so many imports one writes what it read, which takes longest
_REQUESTS = 300  # that mutations start from
_SHEET = "xl/worksheets/sheet1.xml"
_TITLES = (
    *("Senior Data Engineer", "Sr. ML Engineer II", "MLOps", "Staff Software Engineer (Remote)"),
    *("Data Scientist, L5", "VP of Engineering", "Jr. Data Analyst - NYC", "15-1252", "15-2051.00"),
    *("Machine Learning Engineer / Data Engineer", "Principal AI-ML Engineer III", "SWE 3"),
)
_PLACES = (
    *("nyc", "Brooklyn, NY", "San Francisco Bay Area", "94110", "NY 10001", "Portland", "Remote"),
    *("Washington, D.C.", "St. Louis, MO 63101-1234", "Kings County, NY", "35620", "Texas", "us"),
    *("Austin-Round Rock, TX", "Winston\u2013Salem", "San José, CA", "Boston, MA; Austin, TX"),
)
_AMOUNTS = (
    *("150000", "$150k-180k", "$72.50/hr", "120k+", "12k a month", "USD 150,000.00", "up to $90k"),
    *(
        "$55/hr (about $114,400/yr)",
        "Min: $120,000 Max: $150,000",
        "401k and $120,000 base + bonus",
    ),
    *("150.000 €", "between 120 and 140 thousand a year", "$3,000 bi-weekly", "1.2e5", "170-190"),
)
_DATES = ("2025-03-01", "3/1/2025", "01-Mar-25", "March 1, 2025", "45717")
_PLACEMENTS = (
    "id,title,place,amount,employer,date,kind\n"
    'P-1,Senior Data Engineer,"Austin, TX","$150,000",Acme,2025-03-01,placement\n'
    "P-2,Data Scientist,10001,72.50/hr,Beta,3/14/2025,offer\n",
    "sep=;\r\nJob Title;Location;Min;Max;Period;Client;Start Date;kind\r\n"
    "MLOps Engineer;Boston, MA;120k;150k;year;Café Río;14-Mar-25;placement\r\n",
    "title\tcity\tstate\tzip\tamount\tyears\tcurrency\tcomponent\tkind\n"
    "Data Analyst\tNewark\tNJ\t7102\t95000\t3\tUSD\tbase\tsurvey\n",
)
_FILING = {
    "CASE_NUMBER": "I-200-24248-000001",
    "CASE_STATUS": "Certified",
    "DECISION_DATE": "2024/9/11",
    "VISA_CLASS": "H-1B",
    "JOB_TITLE": "Senior Software Engineer",
    "SOC_CODE": "15-1252.00",
    "FULL_TIME_POSITION": "Y",
    "EMPLOYER_NAME": "Acme 1, Inc.",
    "WORKSITE_CITY": "Jersey City",
    "WORKSITE_STATE": "NJ",
    "WORKSITE_POSTAL_CODE": "07302",
    "WAGE_RATE_OF_PAY_FROM": "$93,000.00 ",
    "WAGE_RATE_OF_PAY_TO": "110000",
    "WAGE_UNIT_OF_PAY": "Year",
    "PREVAILING_WAGE": "$79,186.00 ",
    "PW_UNIT_OF_PAY": "Year",
    "H_1B_DEPENDENT": "No",
}
_POSTING = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "title": "Senior Data Engineer",
    "identifier": {"@type": "PropertyValue", "name": "Acme", "value": "R-17"},
    "datePosted": "2024-03-01",
    "employmentType": ["FULL_TIME"],
    "occupationalCategory": "15-1252.00",
    "hiringOrganization": {"@type": "Organization", "name": "Acme"},
    "jobLocation": [
        {
            "@type": "Place",
            "address": {
                "addressLocality": "Oakland",
                "addressRegion": "CA",
                "addressCountry": "US",
            },
        }
    ],
    "baseSalary": {
        "@type": "MonetaryAmount",
        "currency": "USD",
        "value": {"minValue": 150_000, "maxValue": "180000", "unitText": "YEAR"},
    },
}
_ADVERTISED = (
    "work_year,experience_level,employment_type,job_title,salary,salary_currency,salary_in_usd,"
    "employee_residence,remote_ratio,company_location,company_size\n"
    "2025,SE,FT,ML Engineer,200000,USD,200000,US,0,US,M\n"
    "2025,SE,FT,ML Engineer,150000,USD,150000,US,0,US,M\n"
    "2024,MI,FT,Data Analyst,90000,EUR,97000,DE,100,DE,L\n"
)
_AREA = "state_code\tarea_code\tareatype_code\tarea_name\n00\t0000000\tN\tNational\n"
_OCCUPATION = (
    "occupation_code\toccupation_name\toccupation_description\tdisplay_level\tselectable\t"
    "sort_sequence\n152051\tData Scientists\t\t3\tT\t1\n"
)
_FOOTNOTE = (
    "footnote_code\tfootnote_text\n5\tThis wage is equal to or greater than $239,200 per year.\n"
)
_DATA = "series_id                     \tyear\tperiod\t       value\tfootnote_codes\n" + "".join(
    f"OEUN00000000000001520{51}{kind}  \t2025\tA01\t{value:>12}\t\n"
    for kind, value in (
        *(("01", "240000"), ("02", "1.2"), ("05", "0.5"), ("11", "66880"), ("12", "85360")),
        *(("13", "120310"), ("14", "160570"), ("15", "205680")),
    )
)
_SERIES = {"data.0.Current": _DATA, "area": _AREA, "occupation": _OCCUPATION, "footnote": _FOOTNOTE}
_OEWS_ROW = {
    "AREA": "99",
    "AREA_TITLE": "U.S.",
    "AREA_TYPE": "1",
    "NAICS": "000000",
    "OWN_CODE": "1235",
    "OCC_CODE": "15-2051",
    "OCC_TITLE": "Data Scientists",
    "O_GROUP": "detailed",
    "TOT_EMP": 240_000,
    "EMP_PRSE": 1.2,
    "MEAN_PRSE": 0.5,
    "A_PCT10": 66_880,
    "A_PCT25": 85_360,
    "A_MEDIAN": 120_310,
    "A_PCT75": "#",
    "A_PCT90": "#",
}
_LEGEND = "#  = indicates a wage equal to or greater than $115.00 per hour or $239,200 per year "
_JSON_WORDS = ('"', "\\ud800", '{"role":1}', '["mlops"]', "1e999", "-0", "0.1e-400", '"\\u0000"')
_TOML_WORDS = (
    "[x]",
    "[[x]]",
    "1979-05-27",
    "07:32:00",
    "'''",
    '"""',
    "x = 1",
    "inf",
    "-nan",
    "0b1",
)

_SOURCE = Source(
    id="fuzzed",
    publisher="Us",
    originators=("Us",),
    title="Pay",
    published=Published(precision="none"),
    citation="Us, Pay",
    license="none",
    sha256="0" * 64,
)


class ServerError(Exception):
    """The status is 500 or above."""


class Room:
    """A small dataset, and all that is fuzzed; what takes time is made when a target needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def targets(self) -> dict[str, Callable[[], Target]]:
        """By name."""
        return {
            "titles": self._titles,
            "places": self._places,
            "amounts": self._amounts,
            "requests": self._requests,
            "batches": self._batches,
            "seeds": self._seed_files,
            "observations": self._observations,
            "workbooks": self._workbooks,
            "postings": self._postings,
            "dol-lca": self._filings,
            "bls-oews": self._estimates,
            "aijobs": self._advertised,
        }

    @cached_property
    def _small_seeds(self) -> Path:
        """The seeds with the first rows of the largest files."""
        found = Path(shutil.copytree(_SEEDS, self._folder / "seeds"))
        for name in _LARGE:
            _cut(found.glob(f"{name}.csv"))
        _cut(found.glob("towns.csv"), rows=0)  # they name counties
        return found

    @cached_property
    def _datasets(self) -> Path:
        """With all names, and few figures."""
        with_names = Path(shutil.copytree(_SEEDS, self._folder / "named"))
        _cut(with_names.glob("distributions/*.csv"))
        build(with_names, self._folder / "datasets", keep=2)
        return self._folder / "datasets"

    @cached_property
    def _store(self) -> Store:
        return Datasets(self._datasets).current

    @cached_property
    def _names(self) -> Vocabulary:
        return Vocabulary(self._store.snapshot)

    @cached_property
    def _app(self) -> Any:
        data = {"data": self._folder, "datasets": self._datasets}
        return build_app(msgspec.structs.replace(Settings.from_environment(), **data)).app

    # Text.

    def _titles(self) -> Target:
        names, roles = self._names, self._store.snapshot.roles.values()
        titles = [title for role in roles for title in (role.title, *role.titles)]

        def run(one: Input) -> None:
            names.parse_title(one.content)

        return Target("titles", _texts((*_TITLES, *titles)), _words(titles), run, (Refusal,))

    def _places(self) -> Target:
        names = self._names
        metros = [metro.name for metro in self._store.snapshot.metros.values()]

        def run(one: Input) -> None:
            names.parse_metro(one.content)

        return Target("places", _texts((*_PLACES, *metros)), _words(metros), run, (Refusal,))

    def _amounts(self) -> Target:
        def run(one: Input) -> None:
            for period in (None, "hour", "year"):
                with suppress(AmountError):
                    parse_amounts(one.content, period)

        return Target("amounts", _texts(_AMOUNTS), _words(_AMOUNTS), run, ())

    # Requests.

    def _requests(self) -> Target:
        snapshot = self._store.snapshot
        words = Words(
            roles=tuple(snapshot.roles),
            titles=tuple(role.title for role in snapshot.roles.values()),
            metros=tuple(snapshot.metros),
            places=tuple(metro.name for metro in snapshot.metros.values()),
            sources=tuple(snapshot.sources),
            versions=(snapshot.version,),
        )
        asked = [Input("GET", address(one.question)) for one in _draw(words)]
        return Target("requests", asked, _words([*_TITLES, *_AMOUNTS]), self._send, ())

    def _batches(self) -> Target:
        rows = [{"id": 1, "role": "mlops", "metro": "nyc", "offer": 150000}, {"role": ["x"]}]
        table = "title,level,city,state,salary\nMLOps,senior,Austin,TX,$150k\n,,,,\n"
        examples = [
            Input("POST /salary/batch application/json", json.dumps({"rows": rows}).encode()),
            *(Input("POST /salary/batch text/csv", one.encode()) for one in (table, *_PLACEMENTS)),
            Input("POST /salary/batch text/csv", table.encode("utf-16")),
        ]
        return Target("batches", examples, (*_JSON_WORDS, *_TITLES), self._send, ())

    def _send(self, one: Input) -> None:
        """Ask the application; ServerError if it fails."""
        method, *posted = one.name.split()
        address, kind = posted or (one.content, "")
        # As a server decodes it, in which no half of a surrogate pair can be.
        path, _, query = address.encode(errors="replace").decode().partition("?")
        sent = one.content if posted else b""
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"content-type", kind.encode())] if kind else [],
            "server": ("127.0.0.1", 1),
            "client": ("127.0.0.1", 2),
        }
        statuses = []
        bodies = [sent]

        async def receive() -> Any:
            if bodies:
                return {"type": "http.request", "body": bodies.pop(), "more_body": False}
            return await asyncio.Event().wait()

        async def take(message: Any) -> None:
            statuses.append(message.get("status"))

        asyncio.run(self._app(scope, receive, take))
        if statuses[0] >= 500:
            raise ServerError(statuses[0])

    # Files.

    def _seed_files(self) -> Target:
        folder = self._small_seeds
        names = [*folder.rglob("*.toml"), *folder.rglob("*.csv")]
        examples = [Input(str(one.relative_to(folder)), one.read_bytes()) for one in sorted(names)]
        kept = {one.name: one.content for one in examples}

        def run(one: Input) -> None:
            try:
                (folder / one.name).write_bytes(one.content)
                seeds.read(folder)
            finally:
                (folder / one.name).write_bytes(kept[one.name])

        return Target("seeds", examples, _TOML_WORDS, run, (SeedError,))

    @cached_property
    def _parser(self) -> FieldParser:
        return FieldParser(self._store.snapshot)

    def _import(self, one: Input, rows: Iterable[Any], source: Source = _SOURCE) -> None:
        if crc32(one.content) % _WRITTEN:
            msgspec.json.encode(list(rows))
        else:
            import_observations(source, "A note.", rows, self._folder / "observations")

    def _written(self, one: Input) -> Path:
        """The content as a file of that name."""
        folder = self._folder / "files"
        folder.mkdir(exist_ok=True)
        file = folder / one.name
        file.write_bytes(one.content)
        return file

    def _of_importer(
        self,
        name: str,
        examples: Sequence[Input],
        words: Sequence[str],
        read: Callable[[Path], Iterator[Any]],
    ) -> Target:
        def run(one: Input) -> None:
            self._import(one, read(self._written(one)))

        return Target(name, examples, words, run, (ImportRefused,))

    def _observations(self) -> Target:
        lines = [
            json.dumps(row) for text in _PLACEMENTS[:1] for row in csv.DictReader(io.StringIO(text))
        ]
        examples = [
            *(Input("pay.csv", text.encode()) for text in _PLACEMENTS),
            Input("pay.csv", _PLACEMENTS[0].encode("utf-16")),
            Input("pay.jsonl", "\n".join(lines).encode()),
        ]
        words = (*_TITLES, *_AMOUNTS, *_DATES, *_JSON_WORDS, *observations.COLUMNS)
        return self._of_importer("observations", examples, words, self._read_observations)

    def _workbooks(self) -> Target:
        """The XML of a sheet in a workbook that is else right, or the whole file."""
        rows = list(csv.reader(io.StringIO(_PLACEMENTS[0])))
        whole = _workbook({"Sheet": rows})
        sheet = ZipFile(io.BytesIO(whole)).read(_SHEET)
        examples = [Input("sheet1.xml", sheet), Input("pay.xlsx", whole)]
        words = (
            '<c r="XFD1"',
            ' t="d"',
            ' t="e"',
            ' t="b"',
            ' s="99"',
            "<v>1e400</v>",
            "<f>1/0</f>",
        )

        def read(file: Path) -> Iterator[Any]:
            if file.suffix == ".xml":
                content = _with_sheet(whole, file.read_bytes())
                file = self._written(Input("sheet.xlsx", content))
            return self._read_observations(file)

        return self._of_importer("workbooks", examples, words, read)

    def _read_observations(self, file: Path) -> Iterator[Any]:
        layout = observations.Layout(ignored=frozenset({"ignored"}))
        return observations.read_observations([file], layout, self._parser)

    def _postings(self) -> Target:
        text = json.dumps(_POSTING)
        page = f'<html><script type="application/ld+json">{text}</script></html>'
        examples = [
            Input("jobs.json", f"[{text}, {text}]".encode()),
            Input("jobs.jsonl", f"{text}\n{text}\n".encode()),
            Input("jobs.html", page.encode()),
        ]
        words = (*_JSON_WORDS, *_AMOUNTS, "HOUR", "</script>", "<script type=application/ld+json>")

        def read(file: Path) -> Iterator[Any]:
            return postings.read_observations([file], self._parser)

        return self._of_importer("postings", examples, words, read)

    def _filings(self) -> Target:
        table = io.StringIO()
        writer = csv.DictWriter(table, _FILING)
        writer.writeheader()
        writer.writerows([_FILING, _FILING | {"CASE_STATUS": "Certified - Withdrawn"}])
        examples = [Input("LCA_FY2024_Q4.csv", table.getvalue().encode())]
        crosswalk = load_crosswalk(_SEEDS)

        def read(file: Path) -> Iterator[Any]:
            return lca.Filings([file], crosswalk).read_observations(self._parser)

        words = (*_DATES, "Hour", "Bi-Weekly", "Month", "Withdrawn", '"=""15-1252.00"""', "07302-1")
        return self._of_importer("dol-lca", examples, words, read)

    def _estimates(self) -> Target:
        """One of the four time-series files beside the others, or the sheet of a workbook."""
        row = [_OEWS_ROW.get(name) for name in WORKBOOK_COLUMNS]
        whole = _workbook({"all_M2025_dl": [WORKBOOK_COLUMNS, row], "Fields": [[_LEGEND]]})
        examples = [
            *(Input(f"oe.{name}", text.encode()) for name, text in _SERIES.items()),
            Input("sheet1.xml", ZipFile(io.BytesIO(whole)).read(_SHEET)),
        ]

        def run(one: Input) -> None:
            if one.name == "sheet1.xml":
                content = _with_sheet(whole, one.content)
                files = [self._written(Input("all_M2025_dl.xlsx", content))]
            else:
                kept = [Input(f"oe.{name}", text.encode()) for name, text in _SERIES.items()]
                files = [self._written(one if one.name == other.name else other) for other in kept]
            if crc32(one.content) % _WRITTEN:
                oews.merge_rows(oews.read_estimates(files))
            else:
                oews.import_release(files, self._folder / "imported", self._small_seeds, None)

        words = ("**", "#", "~", "A02", "OEUM0012420000000152051", *_DATES)
        return Target("bls-oews", examples, words, run, (ImportRefused, SeedError))

    def _advertised(self) -> Target:
        examples = [Input("aijobs-2025-08.csv", _ADVERTISED.encode())]
        board = aijobs.BOARDS["aijobs"]

        def run(one: Input) -> None:
            file = self._written(one)
            source = aijobs.build_source(board, file, None)
            self._import(one, aijobs.read_observations(file, source, self._parser), source)

        return Target(
            "aijobs", examples, ("EN", "PT", "2026", "1e9", *_TITLES), run, (ImportRefused,)
        )


def _cut(files: Iterable[Path], rows: int = _ROWS) -> None:
    """Keep the header and the first rows."""
    for file in files:
        file.write_text("".join(file.read_text().splitlines(keepends=True)[: rows + 1]))


def _texts(texts: Iterable[str]) -> list[Input]:
    return [Input("text", text) for text in texts]


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for text in texts for word in text.split()}))


def _workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(saved := io.BytesIO())
    return saved.getvalue()


def _with_sheet(whole: bytes, sheet: bytes) -> bytes:
    """The workbook with another first sheet."""
    changed = io.BytesIO()
    with ZipFile(io.BytesIO(whole)) as old, ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == _SHEET else old.read(name))
    return changed.getvalue()


def _draw(words: Words) -> list[Exchange]:
    """Questions of every kind, the same each time."""
    found: list[Exchange] = []

    @seed(1)
    @settings(
        max_examples=_REQUESTS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(exchanges(words, has_posts=False))
    def draw(exchange: Exchange) -> None:
        found.append(exchange)

    draw()
    return found
