"""Look for known vulnerabilities in what the service runs on (`make audit`), with pip-audit.

pip-audit succeeds when its database knows none of the packages, such as behind a mirror of the
index, so its report is read here: what was not audited fails, or is said loudly (`--may-skip`).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKED = Path(__file__).parents[1] / "requirements" / "run.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--may-skip", action="store_true", help="succeed if nothing can be audited")
    may_skip = parser.parse_args().may_skip
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCKED)]
    command += ["--disable-pip", "--require-hashes", "--format", "json", "--timeout", "30"]
    done = subprocess.run(
        [*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(done.stderr, file=sys.stderr)
        found = []
    text, status = report(found, may_skip=may_skip)
    print(text, file=sys.stderr)
    sys.exit(status)


def report(found: list[dict[str, Any]], *, may_skip: bool) -> tuple[str, int]:
    """What to say of the dependencies in a report of pip-audit, and the exit status: 1 for a
    vulnerability, 2 for what was not audited."""
    lines = [
        f"{one['name']} {one['version']}: {fault['id']}, fixed in "
        f"{', '.join(fault['fix_versions']) or 'no release'}"
        for one in found
        for fault in one.get("vulns", [])
    ]
    audited = [one for one in found if "skip_reason" not in one]
    status = 1 if lines else 0
    if not found or len(audited) < len(found):
        lines.append(
            f"NOT AUDITED: the advisory database (pypi.org) was not reached for "
            f"{len(found) - len(audited) or 'all'} of {len(found) or 'the'} dependencies. "
            "Nothing is known of their vulnerabilities: run `make audit` where it can be reached."
        )
        status = status or (0 if may_skip else 2)
    else:
        lines.append(f"Audited {len(audited)} dependencies: {len(lines) or 'no'} vulnerabilities.")
    return "\n".join(lines), status


if __name__ == "__main__":
    main()
