"""Datasets with private sources, and what each of them publishes of those."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb

from paycite.dataset import disclosure_record
from paycite.dataset.build import build
from paycite.dataset.pointer import PUBLIC, Scope
from paycite.keys import Keys
from paycite.model.observation import Observation, Observed
from support.asgi import make_app
from support.commands import paycite
from support.observing import observe, pool_all, reprice

# What a dataset says of sources, besides the public ones.
TABLES = ("pool", "pool_factor", "pool_spread", "figure", "source", "source_weight", "score")


class Releases:
    """Datasets by name, and the observations that they were made of."""

    def __init__(self, datasets: Path, observations: Path) -> None:
        self.datasets, self.observations = datasets, observations

    def file(self, name: str) -> Path:
        return self.datasets / f"{name}.duckdb"

    def published(self, name: str, source: str = "ours") -> dict[str, list[dict[str, Any]]]:
        """All that a dataset has of a source."""
        with duckdb.connect(self.file(name), read_only=True) as opened:
            found = {}
            for table in TABLES:
                key = "id" if table == "source" else "source_id"
                rows = opened.execute(f"from {table} where {key} = ? order by all", [source])
                names = [column[0] for column in rows.description]
                found[table] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
            return found

    def factors(self, name: str, source: str = "ours") -> dict[tuple[Any, ...], dict[str, Any]]:
        rows = self.published(name, source)["pool_factor"]
        return {(r["part"], r["role"], r["level"], r["geography"]): r for r in rows}

    def central_pay(self, name: str, source: str = "ours") -> float | None:
        """Pay of all data scientists."""
        row = self.factors(name, source).get(("base", "data-scientist", None, None))
        return row["amount"] if row else None

    def state(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in self.observations.glob("*.disclosed.json")}


class Installation(Releases):
    """A data folder with sources and keys, and the seeds that its datasets are built with."""

    def __init__(self, folder: Path, seeds: Path) -> None:
        super().__init__(folder / "datasets", folder / "observations")
        self.folder, self.seeds = folder, seeds
        self.keys = Keys(folder)

    def release(self, rows: Sequence[Observation], source: str = "ours", **more: Any) -> str:
        """Import the rows in place of the private source's earlier ones, and build."""
        observe(self.observations, source, rows, is_private=True)
        return self.build(**more)

    def build(self, **more: Any) -> str:
        scopes, rows = self.keys.scopes(), self.observations
        return build(self.seeds, self.datasets, 9, observations=rows, scopes=scopes, **more)

    def kept(self) -> set[str]:
        return {file.stem for file in self.datasets.glob("*.duckdb")}

    def run(self, *arguments: object, **settings: Any) -> CompletedProcess[str]:
        """Run a command here."""
        return paycite(self.folder, *arguments, PAYCITE_SEEDS=self.seeds, **settings)

    def app(self, opened: Scope | None = PUBLIC, **settings: Any) -> Any:
        """An application that shows everyone the sources of a scope, or all."""
        return make_app(self.folder, opened=opened, **settings)

    def copy(self, folder: Path) -> "Installation":
        return Installation(Path(shutil.copytree(self.folder, folder)), self.seeds)


class Lab(Releases):
    """Releases without a build: each is a copy of one dataset that pools the private sources. It
    has no public layer, and its version is that of the copy."""

    def __init__(self, dataset: Path, folder: Path) -> None:
        super().__init__(folder, folder)
        self._dataset = dataset
        self._observed: dict[str, Observed] = {}
        self._releases = 0

    def release(
        self, rows: Sequence[Observation], source: str = "ours", is_priced: bool = False
    ) -> str:
        """The dataset with these rows in place of the source's earlier ones, after all that was
        published. Estimates of all sources are computed only if it `is_priced`."""
        self._observed[source] = observe(self.observations, source, rows, is_private=True)
        self._releases += 1
        file = Path(shutil.copy(self._dataset, self.file(str(self._releases))))
        file.chmod(0o644)
        with duckdb.connect(file) as connection:
            disclosures = pool_all(connection, [*self._observed.values()], self.observations)
            disclosure_record.write(self.observations, disclosures)
            if is_priced:
                reprice(connection)
        return file.stem

    def remove(self, source: str) -> None:
        del self._observed[source]
