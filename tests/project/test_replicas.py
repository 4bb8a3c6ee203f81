"""The example of several servers behind a proxy fits together, and fits the image."""

import re
import tomllib

import yaml

from paycite.settings import ROOT

FOLDER = ROOT / "deploy" / "replicas"


def test_the_proxy_of_the_example_knows_every_server_of_it() -> None:
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    servers = {name for name, one in services.items() if "--dataset" in one.get("command", ())}
    conf = (FOLDER / "nginx.conf").read_text()
    assert {*re.findall(r"^ +server (\w+):8000;$", conf, re.MULTILINE)} == servers
    # Each keeps its own copy.
    volumes = [volume for name in servers for volume in services[name]["volumes"]]
    assert len({one.partition(":")[0] for one in volumes}) == len(servers)
    assert "http_503" in conf  # a server that is behind is not the last word


def test_the_image_of_the_example_has_the_release_of_obstore_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (obstore,) = project["optional-dependencies"]["s3"]
    assert f'"{obstore}"' in (FOLDER / "Dockerfile").read_text()
