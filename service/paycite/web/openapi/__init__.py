"""`openapi.yaml`: Litestar's document, with a true answer for every example.

Each example is a request that is made of the service itself, so none can go stale.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import yaml
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, Tag
from litestar.testing import TestClient
from msgspec import Struct

from paycite import __version__
from paycite.dataset.store import Datasets
from paycite.model.problem import Problem
from paycite.web.app import HANDLERS, litestar_app
from paycite.web.endpoints import HEADERS, group_of
from paycite.web.openapi.schemas import components, with_named_lists

_BAND = "/figures/kore1-ai-jobs-2026:mlops-mid"
_KORE1 = "/sources/kore1-ai-jobs-2026"
_NO_DATASET = "dataset=2020-01-01-000000000000"


class Posted(NamedTuple):
    """A request with a body."""

    address: str
    media_type: str
    body: str


def _posted(body: str, media_type: str = "application/json", query: str = "") -> Posted:
    return Posted(f"/salary/batch{query}", media_type, body)


def _refused(address: str, mark: str = "?") -> dict[str, str]:
    """What is refused everywhere: a parameter that is unknown, repeated, or unreadable."""
    return {
        "unknown-parameter": f"{address}{mark}pretty=1",
        "repeated-parameter": f"{address}{mark}dataset=a&dataset=b",
        "invalid-value": f"{address}{mark}dataset=",
    }


# For each address, the requests whose answers are its examples.
EXAMPLES: dict[str, Mapping[str, str | Posted]] = {
    "/salary": {
        "metro-with-a-rule": "/salary?role=mlops&level=mid&metro=nyc",
        "open-ended": "/salary?role=ai-ml-engineer&level=staff",
        "fallback": "/salary?role=prompt-engineer&level=staff&metro=austin&offer=170000",
        "title": "/salary?role=Sr.+ML+Ops+Eng&metro=Brooklyn,+New+York",
        "missing-parameter": "/salary?level=mid",
        **_refused("/salary?role=mlops", "&"),
        "conflicting-parameters": "/salary?role=mlops&level=senior&years=2",
        "unknown-role": "/salary?role=mlosp",
        "unknown-level": "/salary?role=mlops&level=senor",
        "unknown-metro": "/salary?role=mlops&metro=new-yrk",
        "unknown-source": "/salary?role=mlops&source=kore1",
        "unknown-dataset": f"/salary?role=mlops&{_NO_DATASET}",
        "no-figures": "/salary?role=mlops&source=upwork-skills-2026-news",
        "ambiguous-title": "/salary?role=15-1252",
        "ambiguous-metro": "/salary?role=mlops&metro=Portland",
        "fallback-refused": "/salary?role=mlops&level=staff&strict=true",
    },
    "/salary/compare": {
        "two-metros": "/salary/compare?role=mlops&level=mid&metro=nyc&metro=Austin",
        "a-row-with-a-problem": "/salary/compare?role=mlops&role=astronaut",
        "missing-parameter": "/salary/compare?level=mid",
        "unknown-parameter": "/salary/compare?role=mlops&roles=all",
        "repeated-parameter": "/salary/compare?role=mlops&role=mlops",
        "invalid-value": "/salary/compare?role=mlops&years=many",
        "unknown-source": "/salary/compare?role=mlops&source=kore1",
        "unknown-dataset": f"/salary/compare?role=mlops&{_NO_DATASET}",
    },
    # Those of their problems stand at /salary and /salary/compare. A picture is not text.
    "/offer": {
        "an-amount": "/offer?role=mlops&level=mid&metro=nyc&offer=185000",
        "a-posted-range": "/offer?role=data-scientist&metro=austin&offer=60-75&period=hour",
    },
    "/salary.csv": {"a-chain": "/salary.csv?role=mlops&level=mid&metro=nyc"},
    "/salary.jsonld": {"a-dataset": "/salary.jsonld?role=mlops&level=mid&metro=nyc"},
    "/salary/compare.csv": {"two-metros": "/salary/compare.csv?role=mlops&metro=nyc&metro=Austin"},
    "/salary/compare.jsonld": {
        "two-metros": "/salary/compare.jsonld?role=mlops&metro=nyc&metro=Austin"
    },
    "/salary/batch": {
        "rows": _posted(
            '{"rows": [{"id": 7, "role": "Sr. MLOps Eng", "metro": "Brooklyn", "offer": 185000},'
            ' {"id": "x", "role": "astronaut"}]}'
        ),
        "a-table": _posted(
            'id,Role,Years,Metro,Note\n7,mlops,3,nyc,"called, twice"\n8,astronaut,,,=1+1\n',
            "text/csv",
        ),
        "missing-parameter": _posted("title,metro\nmlops,nyc\n", "text/csv"),
        "unknown-parameter": _posted("role,levl\nmlops,mid\n", "text/csv"),
        "repeated-parameter": _posted("role,Role\nmlops,mlops\n", "text/csv"),
        "invalid-value": _posted('{"rows": []}'),
        "unknown-dataset": _posted('{"rows": [{"role": "mlops"}]}', query=f"?{_NO_DATASET}"),
        "payload-too-large": _posted("role\n" + "mlops\n" * 1_001, "text/csv"),
        "unsupported-media-type": _posted("role=mlops", "application/x-www-form-urlencoded"),
    },
    "/posting": {
        "a-range": "/posting?role=mlops&level=mid&metro=columbus-oh&range=160000-200000",
        "an-amount-and-no-market": "/posting?role=mlops&metro=denver&range=85&period=hour"
        "&source=upwork-skills-2026-news",
    },
    "/oembed": {"a-frame": "/oembed?url=http://testserver.local/salary.html?role%3Dmlops"},
    "/figures": {
        "bands-of-a-role": "/figures?role=mlops&topic=band",
        "a-page": "/figures?limit=1",
        **_refused("/figures"),
        "conflicting-parameters": "/figures?role=Sr.+MLOps+Engineer&level=junior",
        "unknown-role": "/figures?role=mlosp",
        "unknown-level": "/figures?level=senor",
        "unknown-metro": "/figures?metro=new-yrk",
        "unknown-source": "/figures?source=kore1",
        "unknown-dataset": f"/figures?{_NO_DATASET}",
        "ambiguous-title": "/figures?role=15-1252",
        "ambiguous-metro": "/figures?metro=Portland",
    },
    "/figures/{id}": {
        "a-band": _BAND,
        **_refused(_BAND),
        "unknown-figure": f"{_BAND}-level",
        "unknown-dataset": f"{_BAND}?{_NO_DATASET}",
    },
    "/sources": {
        "a-page": "/sources?limit=1",
        **_refused("/sources"),
        "unknown-dataset": f"/sources?{_NO_DATASET}",
    },
    "/sources/{id}": {
        "a-source": _KORE1,
        **_refused(_KORE1),
        "unknown-source": "/sources/kore1",
        "unknown-dataset": f"{_KORE1}?{_NO_DATASET}",
    },
    "/roles": {
        "a-page": "/roles?limit=1",
        **_refused("/roles"),
        "unknown-dataset": f"/roles?{_NO_DATASET}",
    },
    "/levels": {
        "a-page": "/levels?limit=2",
        **_refused("/levels"),
        "unknown-dataset": f"/levels?{_NO_DATASET}",
    },
    "/metros": {
        "those-that-begin-so": "/metros?prefix=san+f",
        **_refused("/metros"),
        "unknown-dataset": f"/metros?{_NO_DATASET}",
    },
    "/metros/{id}": {
        "a-metro-with-a-rule": "/metros/bay-area",
        **_refused("/metros/nyc"),
        "unknown-metro": "/metros/new-yrk",
        "unknown-dataset": f"/metros/nyc?{_NO_DATASET}",
        "ambiguous-metro": "/metros/Portland",
    },
    "/match": {
        "a-title-and-a-place": "/match?role=Senior+Machin+Learning+Engineer&metro=manhattan",
        "missing-parameter": "/match",
        **_refused("/match?role=mlops", "&"),
        "conflicting-parameters": "/match?role=Sr.+MLOps+Engineer&level=junior",
        "unknown-role": "/match?role=astronaut",
        "unknown-level": "/match?level=boss",
        "unknown-metro": "/match?metro=narnia",
        "unknown-dataset": f"/match?role=mlops&{_NO_DATASET}",
        "ambiguous-title": "/match?role=15-1252",
        "ambiguous-metro": "/match?metro=Portland",
    },
    "/demand": {
        "the-fastest": "/demand?limit=1",
        **_refused("/demand"),
        "unknown-role": "/demand?role=astronaut",
        "unknown-level": "/demand?role=MLOps+Engineer+VI",
        "unknown-source": "/demand?source=kore1",
        "unknown-dataset": f"/demand?{_NO_DATASET}",
        "ambiguous-title": "/demand?role=15-1252",
    },
    "/rates": {
        "the-lowest": "/rates?limit=1",
        **_refused("/rates"),
        "unknown-source": "/rates?source=kore1",
        "unknown-dataset": f"/rates?{_NO_DATASET}",
    },
    "/ranking": {
        "the-highest": "/ranking?role=mlops&limit=1",
        "missing-parameter": "/ranking",
        **_refused("/ranking?role=mlops", "&"),
        "unknown-role": "/ranking?role=astronaut",
        "unknown-level": "/ranking?role=MLOps+Engineer+VI",
        "unknown-dataset": f"/ranking?role=mlops&{_NO_DATASET}",
        "ambiguous-title": "/ranking?role=15-1252",
    },
    "/datasets": {"kept": "/datasets", "unknown-parameter": "/datasets?pretty=1"},
    "/problems/{type}": {
        "an-unknown-role": "/problems/unknown-role",
        "unknown-parameter": "/problems/unknown-role?pretty=1",
        "not-found": "/problems/unknown-rule",
    },
    "/health": {"alive": "/health", "unknown-parameter": "/health?pretty=1"},
    "/ready": {"ready": "/ready", "unknown-parameter": "/ready?pretty=1"},
}


def document(datasets: Datasets) -> str:
    """The OpenAPI document as YAML, over the current dataset."""
    groups = dict.fromkeys(handler.fn.__module__ for handler in HANDLERS)
    app = litestar_app(
        datasets,
        OpenAPIConfig(
            title="Paycite",
            version=__version__,
            description="Salary benchmarks for AI and technology roles in the United States, in "
            "which every figure carries its source. Money is whole U.S. dollars of base pay a "
            "year unless a field says otherwise.",
            license=License(name="MIT", identifier="MIT"),
            components=Components(headers=HEADERS),
            tags=[Tag(group_of(name), sys.modules[name].__doc__) for name in groups],
        ),
    )
    specification: dict[str, Any] = app.openapi_schema.to_schema()
    # Litestar describes a tuple of any length as one of its items or anything else.
    specification["components"]["schemas"] = components(
        [*_structs("answers"), Problem], _structs("asks")
    )
    specification = with_named_lists(specification) | {"security": []}  # anyone may ask
    _exemplify(app, specification)
    return yaml.dump(
        msgspec.to_builtins(specification),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def _structs(what: str) -> list[type[Struct]]:
    """What the handlers answer, or ask for."""
    types = {type_ for handler in HANDLERS for type_ in handler.opt[what]} - {str, bytes}
    return sorted(types, key=lambda struct: struct.__name__)


def _exemplify(app: Litestar, specification: dict[str, Any]) -> None:
    """Ask the service for the examples of its answers and problems."""
    with TestClient(app) as client:
        for path, requests in EXAMPLES.items():
            (operation,) = specification["paths"][path].values()
            for name, asked in requests.items():
                if isinstance(asked, Posted):
                    summary = f"POST {asked.address}"
                    sent = {"Content-Type": asked.media_type}
                    answer = client.post(asked.address, content=asked.body, headers=sent)
                    body = operation["requestBody"]["content"]
                    if answer.is_success and asked.media_type in body:
                        _show(body, asked.media_type, asked.body, name, summary)
                else:
                    summary = f"GET {asked}"
                    answer = client.get(asked)
                content = operation["responses"][str(answer.status_code)]["content"]
                media_type = answer.headers["content-type"].split(";")[0]
                _show(content, media_type, answer.text, name, summary)


def _show(content: dict[str, Any], media_type: str, text: str, name: str, summary: str) -> None:
    value = msgspec.json.decode(text) if media_type.endswith("json") else text
    example = {"summary": summary, "value": value}
    content[media_type].setdefault("examples", {})[name] = example


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 reads as a number: PyYAML, which knows 1.1, takes an area code such as
    0019780 for text."""


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$"), None
)
