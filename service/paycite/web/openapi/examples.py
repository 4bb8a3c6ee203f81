"""The requests whose responses are the examples in the OpenAPI document."""

from typing import Any, NamedTuple

from paycite.batch.row import PATH

_NO_DATASET = "dataset=2020-01-01-000000000000"

# A short answer of each endpoint; pictures have none.
ANSWERS = {
    "/salary": "/salary?role=mlops&level=mid&metro=nyc&source=kore1-ai-jobs-2026",
    "/posting": "/posting?role=mlops&metro=denver&range=85&period=hour"
    "&source=upwork-skills-2026-news",
    "/oembed": "/oembed?url=http://testserver.local/salary.html?role%3Dmlops"
    "%26source%3Dkore1-ai-jobs-2026",
    "/figures": "/figures?role=mlops&topic=band&limit=1",
    "/figures/{id}": "/figures/kore1-ai-jobs-2026:mlops-mid",
    "/sources": "/sources?limit=1",
    "/sources/{id}": "/sources/kore1-ai-jobs-2026",
    "/roles": "/roles?limit=1&after=mlops",
    "/roles/{id}": "/roles/network-architect",
    "/levels": "/levels?limit=1",
    "/metros": "/metros?prefix=boulder",
    "/metros/{id}": "/metros/boise",
    "/match": "/match?role=Senior+Machin+Learning+Engineer&metro=manhattan",
    "/confidence": "/confidence?limit=1",
    "/demand": "/demand?limit=1",
    "/rates": "/rates?limit=1",
    "/datasets": "/datasets",
    "/problems/{id}": "/problems/unknown-role",
    "/health": "/health",
    "/ready": "/ready",
}


class Body(NamedTuple):
    media_type: str
    text: str


BATCHES = (
    Body("application/json", '{"rows": [{"id": "x", "role": "astronaut"}]}'),
    Body("text/csv", "id,Role,Metro,Note\n8,astronaut,,=1+1\n"),
)


class Request(NamedTuple):
    address: str
    body: Body | None = None

    @property
    def summary(self) -> str:
        return f"{'POST' if self.body else 'GET'} {self.address}"

    def send(self, client: Any) -> Any:
        if self.body is None:
            return client.get(self.address)
        headers = {"Content-Type": self.body.media_type}
        return client.post(self.address, content=self.body.text, headers=headers)


# One request for each problem that a request to the seed dataset can cause.
PROBLEMS = {
    "missing-parameter": Request("/salary?level=mid"),
    "unknown-parameter": Request("/salary?role=mlops&levl=mid"),
    "repeated-parameter": Request("/salary?role=mlops&metro=nyc&metro=austin"),
    "invalid-value": Request("/salary?role=mlops&years=many"),
    "conflicting-parameters": Request("/salary?role=Junior+MLOps+Engineer&level=staff"),
    "unknown-role": Request("/salary?role=mlosp"),
    "unknown-level": Request("/salary?role=mlops&level=senor"),
    "unknown-metro": Request("/salary?role=mlops&metro=new-yrk"),
    "unknown-source": Request("/salary?role=mlops&source=kore1"),
    "unknown-dataset": Request(f"/salary?role=mlops&{_NO_DATASET}"),
    "unknown-figure": Request("/figures/kore1-ai-jobs-2026:mlops-mid-level"),
    "no-figures": Request("/salary?role=mlops&source=upwork-skills-2026-news"),
    "not-found": Request("/problems/unknown-rule"),
    "payload-too-large": Request(PATH, Body("text/csv", "role\n" + "mlops\n" * 1_001)),
    "unsupported-media-type": Request(
        PATH, Body("application/x-www-form-urlencoded", "role=mlops")
    ),
    "ambiguous-title": Request("/salary?role=15-1252"),
    "ambiguous-metro": Request("/salary?role=mlops&metro=Portland"),
    "fallback-refused": Request("/salary?role=mlops&level=staff&strict=true"),
}
