import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from paycite.model.snapshot import Snapshot
from paycite.questions.answer import answer_question
from paycite.questions.parameters import parse_query
from paycite.questions.verify import differences
from support.commands import paycite
from support.questions import every_scope

QUESTION = "/salary?role=Sr.+ML+Ops+Eng&metro=nyc&offer=150k-190k&source=kore1-ai-jobs-2026"


def verify(data: Path, answer: bytes) -> subprocess.CompletedProcess[str]:
    return paycite(data, "verify", "-", stdin=answer.decode())


@pytest.mark.slow
def test_a_saved_answer_is_verified_and_a_changed_one_is_not(
    client: httpx.Client, data: Path
) -> None:
    saved = client.get(QUESTION).content
    verified = verify(data, saved)
    assert (verified.returncode, verified.stdout) == (
        0,
        "Verified: the dataset gives exactly this answer.\n",
    )
    changed = verify(data, saved.replace(b"195500", b"215500"))
    assert changed.returncode == 1
    assert "answer.estimate.range.min: saved 215500, recomputed 195500\n" in changed.stdout
    untrue = verify(data, saved.replace(b'"open_ended":false', b'"open_ended":0'))
    assert "answer.estimate.range.open_ended: saved 0, recomputed false\n" in untrue.stdout
    smuggled = verify(data, saved[:-1] + b',"\\u001b[2J":"' + b"x" * 5_000 + b'"}')
    assert smuggled.returncode == 1
    assert "\x1b" not in smuggled.stdout
    assert len(smuggled.stdout) < 500
    assert verify(data, client.get(json.loads(saved)["links"]["permalink"]).content).returncode == 0


@pytest.mark.slow
def test_what_cannot_be_recomputed_is_refused_with_the_reason(
    client: httpx.Client, data: Path, dataset: Path, tmp_path: Path
) -> None:
    saved = client.get(QUESTION).content
    version = json.loads(saved)["dataset"]["version"]
    for answer, reason in (
        (b"{", "is not a saved answer"),
        (
            saved[:-1] + b',"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            "is not a saved answer",
        ),
        (client.get("/salary").content, "is not a saved answer"),
        (client.get(f"{QUESTION}&view=summary").content, "Save the full answer"),
        (saved.replace(version.encode(), b"2020-01-01-0"), "no dataset '2020-01-01-0' is kept"),
        (saved.replace(b"Sr. ML Ops Eng", b"Astronaut"), "Unknown role 'Astronaut'"),
    ):
        refused = verify(data, answer)
        assert refused.returncode == 1
        assert reason in refused.stderr
        assert "Traceback" not in refused.stderr
    # A dataset of another schema version.
    folder = tmp_path / "datasets"
    folder.mkdir()
    (folder / "current").write_text(version)
    copy = shutil.copyfile(dataset, folder / dataset.name)
    with duckdb.connect(copy) as connection:
        connection.execute("update dataset set schema_version = 0")
    refused = verify(tmp_path, saved)
    assert "schema version 0" in refused.stderr
    with pytest.raises(DatasetError):
        Datasets(folder)


@settings(max_examples=60)
@given(choice=st.data())
def test_a_step_that_cannot_be_computed_is_a_change_like_any_other(
    datasets: Datasets, choice: st.DataObject
) -> None:
    query = "role=mlops&level=mid&metro=austin&period=hour&age=true"
    saved = msgspec.json.encode(answer_question(datasets.current, parse_query(query.encode())))
    answer = json.loads(saved)
    steps = [step for chain in answer["chains"] for step in chain["steps"]]
    step = choice.draw(st.sampled_from(steps))
    name = choice.draw(st.sampled_from(["divisor", "power", "factor", "operation", "statistics"]))
    factors = st.sampled_from([None, 0, {"min": -1, "max": -1}, "order", "convert", "spread"])
    step[name] = choice.draw(factors.filter(lambda value: value != step[name]))
    found = differences(json.dumps(answer).encode(), datasets)
    assert any(f".{name}" in difference.place for difference in found)


@settings(max_examples=60)
@given(choice=st.data())
def test_every_answer_is_verified_and_every_change_found(
    datasets: Datasets, snapshot: Snapshot, choice: st.DataObject
) -> None:
    role, level, metro = choice.draw(st.sampled_from(every_scope(snapshot)))
    scope = {"role": role, "level": level, "metro": metro}
    query = urlencode({name: value for name, value in scope.items() if value})
    saved = msgspec.json.encode(answer_question(datasets.current, parse_query(query.encode())))
    assert differences(saved, datasets) == []
    answer = json.loads(saved)
    place, name = choice.draw(
        st.sampled_from(
            [
                (answer["estimate"]["range"], "min"),
                (answer["estimate"], "as_of"),
                (answer["chains"][0], "weight"),
                (answer["chains"][0]["steps"][0], "locator"),
                (answer["sources"][0], "sha256"),
                (answer["used"]["metro"], "id"),
                (answer, "sources"),
            ]
        )
    )
    place[name] = choice.draw(
        st.sampled_from([None, "other", 7, []]).filter(lambda v: v != place[name])
    )
    found = differences(json.dumps(answer).encode(), datasets)
    assert any(f".{name}" in difference.place for difference in found)
