"""What a page costs the reader: bytes, requests, layout shift, and the time until the answer shows.

Chromium (Debian package) on a slow telephone: four times slower, 1.6 Mbit/s and 150 ms away, as
Lighthouse takes it. Each page is opened a few times without a cache; the table has the medians.

    python bench/pages.py --into bench/pages.md
"""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
from playwright.sync_api import Browser, sync_playwright

from servers import BIN, serving

PAGES = {
    "answer": "/salary.html?role=data-engineer&level=senior&metro=columbus-oh",
    "answer with an offer": "/salary.html?role=mlops&level=mid&metro=nyc&offer=150000",
    "home": "/",
    "comparison": "/salary/compare.html?role=mlops&metro=nyc&metro=bay-area&metro=austin-tx",
    "ranking and map": "/ranking.html?role=mlops",
    "pay in a metro": "/pay.html?metro=columbus-oh",
    "posting and laws": "/posting.html?range=160-200k&role=data-scientist&metro=nyc",
    "source": "/sources/bls-oews-2025-05.html",
    "roles": "/roles.html",
    "methods": "/methods.html",
}
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
TELEPHONE = {"width": 390, "height": 844}
_SLOWER = 4
_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
_WATCH = """
window.seen = {shift: 0, largest: 0};
new PerformanceObserver(list => {
  for (const one of list.getEntries()) seen.shift += one.value;
}).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => {
  for (const one of list.getEntries()) seen.largest = one.startTime;
}).observe({type: 'largest-contentful-paint', buffered: true});
"""
_READ = """() => {
  const of = kind => performance.getEntriesByType(kind);
  const all = [...of('navigation'), ...of('resource')];
  const first = performance.getEntriesByName('first-contentful-paint')[0];
  return {
    ...seen,
    first: first.startTime,
    requests: all.length,
    bytes: all.reduce((sum, one) => sum + one.encodedBodySize, 0),
  };
}"""


@click.command()
@click.option("--into", type=click.Path(path_type=Path), help="Also write the table to this file.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
def main(into: Path | None, rounds: int) -> None:
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = Path(folder, "log")
        with serving(log, str(BIN / "paycite"), "serve", "--port", "PORT") as server:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
            rows = [_row(browser, server.url, name, rounds) for name in PAGES]
            browser.close()
    table = "\n".join([_HEAD, *rows]) + "\n"
    click.echo(table, nl=False)
    if into:
        into.write_text(table)


_HEAD = """\
# What a page costs

`python bench/pages.py --into bench/pages.md`, in Chromium as on a slow telephone (four times
slower, 1.6 Mbit/s, 150 ms away); medians of the rounds. Bytes are as sent.

| page | bytes | requests | layout shift | first text, s | largest part, s |
|---|---:|---:|---:|---:|---:|"""


def _row(browser: Browser, url: str, name: str, rounds: int) -> str:
    found = [_open(browser, url + PAGES[name]) for _ in range(rounds)]
    of = {what: median(one[what] for one in found) for what in found[0]}
    return (
        f"| {name} | {of['bytes']:,.0f} | {of['requests']:.0f} | {of['shift']:.3f} "
        f"| {of['first'] / 1000:.2f} | {of['largest'] / 1000:.2f} |"
    )


def _open(browser: Browser, address: str) -> dict[str, Any]:
    with browser.new_context(viewport=TELEPHONE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        protocol = context.new_cdp_session(page)
        protocol.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        protocol.send("Network.enable")
        protocol.send("Network.emulateNetworkConditions", _NETWORK)
        page.add_init_script(_WATCH)
        response = page.goto(address)
        assert response and response.ok, address
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        seen: dict[str, Any] = page.evaluate(_READ)
        return seen


if __name__ == "__main__":
    main()
