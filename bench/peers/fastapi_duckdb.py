"""The question of `serving.py` as a service of FastAPI, pydantic and DuckDB would answer it."""

import os

import duckdb
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


class Estimate(BaseModel):
    role: str
    level: str
    metro: str
    p10: int | None
    p25: int
    p50: int
    p75: int
    p90: int | None
    min: int
    max: int
    confidence: str
    n: int | None
    employers: int | None
    sources: int
    capped: list[str]


app = FastAPI()
connection = duckdb.connect(os.environ["DATASET"], read_only=True)


@app.get("/estimate")
def estimate(role: str, level: str, metro: str) -> Estimate:
    cursor = connection.cursor()  # one for each thread
    cursor.execute(
        "select * from estimate where role = $1 and level = $2 and metro = $3",
        [role, level, metro],
    )
    row = cursor.fetchone()
    if row is None:
        raise HTTPException(404)
    names = (column[0] for column in cursor.description or ())
    return Estimate(**dict(zip(names, row, strict=True)))
