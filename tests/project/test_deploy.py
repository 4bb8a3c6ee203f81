"""The files that put the service into operation say what they should."""

import json
from collections.abc import Iterator
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from paycite import __version__
from paycite.cli.serve import _SECONDS_TO_STOP as SECONDS_TO_STOP
from paycite.settings import ROOT, SETTINGS

KUBERNETES = sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
MANIFESTS = [one for file in KUBERNETES for one in yaml.safe_load_all(file.read_text())]


def pods() -> Iterator[dict[str, Any]]:
    for one in MANIFESTS:
        spec = one["spec"].get("jobTemplate", one)["spec"]
        if "template" in spec:
            yield spec["template"]["spec"]


@pytest.mark.parametrize(
    "manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
@pytest.mark.parametrize("version", ["1.30", "latest"])
def test_a_manifest_is_valid(manifest: dict[str, Any], version: str) -> None:
    newest = kubernetes_validate.latest_version()
    kubernetes_validate.validate(manifest, newest if version == "latest" else version, strict=True)


def test_no_pod_may_do_more_than_answer() -> None:
    found = [*pods()]
    assert len(found) == 2
    for pod in found:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"]
        assert f"USER {pod['securityContext']['runAsUser']}:" in (ROOT / "Dockerfile").read_text()
        (container,) = pod["containers"]
        assert container["image"].endswith(f":{__version__}")
        assert {one["name"] for one in container["env"]} <= SETTINGS.keys()
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "/tmp" in {one["mountPath"] for one in container["volumeMounts"]}


def test_selectors_and_ports_lead_to_the_pods() -> None:
    by_kind = {one["kind"]: one for one in MANIFESTS}
    template = by_kind["Deployment"]["spec"]["template"]
    labels, (container,) = template["metadata"]["labels"], template["spec"]["containers"]
    assert by_kind["Service"]["spec"]["selector"] == labels
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert by_kind[kind]["spec"]["selector"]["matchLabels"] == labels
    assert by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    options = dict(one.removeprefix("--").split("=") for one in container["args"][2:])
    assert (str(ports["http"]), str(ports["metrics"])) == (options["port"], options["metrics-port"])
    assert template["metadata"]["annotations"]["prometheus.io/port"] == str(ports["metrics"])
    assert [one["targetPort"] for one in by_kind["Service"]["spec"]["ports"]] == ["http"]


def test_compose_gives_the_container_as_little() -> None:
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["tmpfs"] == ["/tmp"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["environment"].keys() <= SETTINGS.keys()


@pytest.mark.parametrize("file", ["compose.yaml", "deploy/replicas/compose.yaml"])
def test_a_container_is_not_killed_while_it_finishes_its_answers(file: str) -> None:
    services = yaml.safe_load((ROOT / file).read_text())["services"]
    for name, service in services.items():
        if name != "proxy":
            assert int(service["stop_grace_period"].removesuffix("s")) > SECONDS_TO_STOP


def test_the_dashboard_has_a_place_for_each_panel() -> None:
    panels = json.loads((ROOT / "deploy/grafana/paycite.json").read_text())["panels"]
    places = {(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels}
    assert len(places) == len({one["id"] for one in panels}) == len(panels)
