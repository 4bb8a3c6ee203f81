"""Statements over observations on Apache Spark, translated from DuckDB's dialect by sqlglot.

Only `paycite build --engine spark` imports this module, which needs the extra `spark` and Java.
The statements keep to what means the same in both engines: sums are of integers or decimals,
percentiles are picked from sorted or counted values, lists are read by `list_extract`.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import dropwhile, islice
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from py4j.protocol import Py4JError
from pyarrow.parquet import ParquetFile
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from sqlglot import exp

from paycite.dataset.engine import EngineError, Parameters
from paycite.dataset.remote import Place, RemoteError
from paycite.dataset.sql import statement
from paycite.model.observation import Observation

_IN_BUCKET = "s3://"
_TYPES = {"low": pa.float64(), "high": pa.float64(), "date": pa.date32()}
_OBSERVATION = pa.schema(
    [(name, _TYPES.get(name, pa.string())) for name in Observation.__struct_fields__]
)

# The lower half of a hash as an unsigned number, as DuckDB has it: its bytes are in reverse.
_MD5_NUMBER_LOWER = """
cast(conv(concat({bytes}), 16, 10) as decimal(20, 0))
""".format(bytes=", ".join(f"substring(md5(x), {at}, 2)" for at in range(31, 16, -2)))


@contextmanager
def connect(master: str | None) -> Iterator[SparkSession]:
    """Start a Spark application, and stop it in the end. Without `master`, what Spark's own
    configuration says, else the cores of this machine."""
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise EngineError(
            "Spark needs Java 17 or later: install Debian's openjdk-17-jre-headless, "
            "or set JAVA_HOME."
        )
    # Of the workers, where Spark's own configuration does not say.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with _explained():
        builder = SparkSession.builder.appName("paycite build")
        builder = builder.config("spark.ui.showConsoleProgress", "false")
        session = (builder.master(master) if master else builder).getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        with suppress(OSError):  # its process has died; the build says so
            session.stop()


class InSpark:
    """Tables of observations are in Spark; small ones go back and forth, as Arrow."""

    def __init__(self, session: SparkSession, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._session = session

    def read(self, file: str) -> None:
        with _explained():
            self._session.catalog.clearCache()
            in_bucket = file.startswith(_IN_BUCKET)
            found = self._read_objects(file) if in_bucket else self._session.read.parquet(file)
            found.createOrReplaceTempView("observation")

    def _read_objects(self, address: str) -> DataFrame:
        """The rows of an object, or of those below its name, read by the workers in Python: the
        reader of Hadoop (`s3a://`) needs packages that Spark does not bring."""
        folder, _, name = address.rpartition("/")
        names = Place(folder).list_objects(name)
        if not names:
            raise EngineError(f"{address}: no object or folder has this name.")
        listed = self._session.createDataFrame([(one,) for one in names], "name string")
        return listed.repartition(len(names), "name").mapInArrow(
            partial(_read_parquet, folder), from_arrow_schema(_OBSERVATION)
        )

    def create(
        self, name: str, parameters: Parameters | None = None, is_read_once: bool = False
    ) -> None:
        with _explained():
            table, frame = self._query(name, parameters)
            if not is_read_once:
                # Beyond memory it is on the workers' disks; what a dead one had is made again.
                frame.persist(StorageLevel.MEMORY_AND_DISK)
            frame.createOrReplaceTempView(table)

    def collect(self, name: str, parameters: Parameters | None = None) -> None:
        with _explained():
            table, frame = self._query(name, parameters)
            found = frame.toArrow()
        self.connection.register("collected", found)
        self.connection.execute(f"create or replace temp table {table} as from collected")
        self.connection.unregister("collected")

    def share(self, table: str) -> None:
        rows = self.connection.table(table)
        # Spark has no unsigned integers.
        columns = (
            f"{name}::decimal(20, 0) as {name}" if type_ == "UBIGINT" else name
            for name, type_ in zip(rows.columns, map(str, rows.types), strict=True)
        )
        found = rows.project(", ".join(columns)).to_arrow_table()
        with _explained():
            self._session.createDataFrame(found).createOrReplaceTempView(table)

    def _query(self, name: str, parameters: Parameters | None) -> tuple[str, DataFrame]:
        table, sql = translate(statement(name), parameters or {})
        return table, self._session.sql(sql)


def _read_parquet(folder: str, listed: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """In a worker, which needs the extra `s3` and the settings of the AWS tools."""
    place = Place(folder)
    for batch in listed:
        for name in batch.column("name").to_pylist():
            try:
                file = ParquetFile(pa.BufferReader(place.read_object(name)))
                for some in file.iter_batches(columns=_OBSERVATION.names):
                    yield some.select(_OBSERVATION.names).cast(_OBSERVATION)
            except (pa.ArrowException, KeyError) as error:
                raise OSError(f"{folder}/{name} cannot be read: {error}") from None


def translate(text: str, parameters: Parameters) -> tuple[str, str]:
    """The name of the table that a statement creates, and its query in Spark's dialect."""
    created = sqlglot.parse_one(text, read="duckdb")
    assert isinstance(created, exp.Create)
    assert not created.find(exp.Bracket)  # sqlglot counts from 0 or from 1, depending on types
    query = created.expression.transform(_translate, parameters)
    return created.this.name, query.sql(dialect="spark", comments=False)


def _translate(node: exp.Expr, parameters: Parameters) -> exp.Expr:
    match node:
        case exp.Placeholder():
            return _literal(parameters[node.name])
        case exp.Anonymous(this="list_extract"):
            values, at = node.expressions  # Spark requires an int index
            return exp.Anonymous(this="element_at", expressions=[values, exp.cast(at, "int")])
        case exp.Anonymous(this="md5_number_lower"):
            (hashed,) = node.expressions
            number = sqlglot.parse_one(_MD5_NUMBER_LOWER, read="spark")
            return exp.replace_tree(
                number, lambda one: hashed.copy() if one == exp.column("x") else one
            )
    return node


def _literal(value: object) -> exp.Expr:
    if isinstance(value, float):  # Spark reads a bare literal as a decimal
        return exp.cast(exp.Literal.string(repr(value)), "double")
    if isinstance(value, list):
        return exp.Array(expressions=[_literal(one) for one in value])
    return exp.convert(value)


@contextmanager
def _explained() -> Iterator[None]:
    """Spark's errors have pages of Java in them; the first line says what happened, or that which
    ends the traceback of a worker."""
    try:
        yield
    except RemoteError as error:
        raise EngineError(str(error)) from None
    except (PySparkException, Py4JError, OSError) as error:
        message: Any = getattr(error, "java_exception", None) or error
        lines = str(message).strip().splitlines() or [""]
        ends = dropwhile(lambda line: not line.startswith("Traceback"), lines)
        said = next((line for line in islice(ends, 1, None) if line[:1].strip()), lines[0])
        raise EngineError(f"Spark failed: {said}") from None
