"""`openapi.yaml`: Litestar's document, with a true answer for every example.

Each example is a request that is made of the service itself, so none can go stale.
"""

from typing import Any

import msgspec
import yaml
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import License
from litestar.testing import TestClient

from service import __version__
from service.api import HANDLERS, litestar_app
from service.dataset.store import Datasets
from service.model.problem import Problem

_BAND = "/figures/kore1-ai-jobs-2026:mlops-mid"
_KORE1 = "/sources/kore1-ai-jobs-2026"
_NO_DATASET = "dataset=2020-01-01-000000000000"


def _refused(address: str, mark: str = "?") -> dict[str, str]:
    """What is refused everywhere: a parameter that is unknown, repeated, or unreadable."""
    return {
        "unknown-parameter": f"{address}{mark}pretty=1",
        "repeated-parameter": f"{address}{mark}dataset=a&dataset=b",
        "invalid-value": f"{address}{mark}dataset=",
    }


# For each address, the requests whose answers are its examples.
EXAMPLES = {
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
    app = litestar_app(
        datasets,
        OpenAPIConfig(
            title="Paycite",
            version=__version__,
            description="Salary benchmarks for AI and technology roles in the United States, in "
            "which every figure carries its source. Money is whole U.S. dollars of base pay a "
            "year unless a field says otherwise.",
            license=License(name="MIT", identifier="MIT"),
        ),
    )
    specification: dict[str, Any] = app.openapi_schema.to_schema()
    # Litestar describes a tuple of any length as one of its items or anything else.
    answers = {handler.opt["answers"] for handler in HANDLERS}
    specification["components"]["schemas"] = msgspec.json.schema_components(
        [*sorted(answers, key=lambda answer: answer.__name__), Problem],
        ref_template="#/components/schemas/{name}",
    )[1]
    with TestClient(app) as client:
        for path, requests in EXAMPLES.items():
            responses = specification["paths"][path]["get"]["responses"]
            for name, address in requests.items():
                answer = client.get(address)
                media_type = answer.headers["content-type"].split(";")[0]
                content = responses[str(answer.status_code)]["content"][media_type]
                example = {"summary": f"GET {address}", "value": answer.json()}
                content.setdefault("examples", {})[name] = example
    return yaml.safe_dump(
        msgspec.to_builtins(specification), sort_keys=False, allow_unicode=True, width=100
    )
