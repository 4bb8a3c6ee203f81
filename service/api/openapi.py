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

# For each address, the requests whose answers are its examples; the last part names the example.
_BAND = "kore1-ai-jobs-2026:mlops-mid"
EXAMPLES = {
    "/salary": {
        "metro-with-a-rule": "/salary?role=mlops&level=mid&metro=nyc",
        "open-ended": "/salary?role=ai-ml-engineer&level=staff",
        "fallback": "/salary?role=prompt-engineer&level=staff&metro=austin&offer=170000",
        "all-levels": "/salary?role=mlops",
        "missing-parameter": "/salary?level=mid",
        "unknown-parameter": "/salary?role=mlops&lvl=mid",
        "repeated-parameter": "/salary?role=mlops&role=prompt-engineer",
        "invalid-value": "/salary?role=mlops&offer=85",
        "conflicting-parameters": "/salary?role=mlops&level=senior&years=2",
        "unknown-role": "/salary?role=mlosp",
        "unknown-level": "/salary?role=mlops&level=senor",
        "unknown-metro": "/salary?role=mlops&metro=new-yrok",
        "unknown-source": "/salary?role=mlops&source=kore1",
        "unknown-dataset": "/salary?role=mlops&dataset=2020-01-01-000000000000",
        "no-figures": "/salary?role=mlops&source=upwork-skills-2026-news",
        "ambiguous-title": "/salary?role=15-1252",
        "fallback-refused": "/salary?role=mlops&level=staff&strict=true",
    },
    "/figures": {
        "bands-of-a-role": "/figures?role=mlops&topic=band",
        "a-page": "/figures?limit=1",
        "invalid-value": "/figures?limit=0",
        "unknown-role": "/figures?role=mlosp",
        "ambiguous-title": "/figures?role=15-1252",
    },
    "/figures/{figure_id}": {
        "a-band": f"/figures/{_BAND}",
        "unknown-parameter": f"/figures/{_BAND}?role=mlops",
        "unknown-figure": f"/figures/{_BAND}-level",
    },
    "/sources": {"a-page": "/sources?limit=1", "invalid-value": "/sources?limit=1001"},
    "/sources/{source_id}": {
        "a-source": "/sources/kore1-ai-jobs-2026",
        "unknown-parameter": "/sources/kore1-ai-jobs-2026?limit=1",
        "unknown-source": "/sources/kore1",
    },
    "/health": {"alive": "/health", "unknown-parameter": "/health?verbose=1"},
    "/ready": {"ready": "/ready", "unknown-parameter": "/ready?verbose=1"},
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
