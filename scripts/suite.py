"""The requests of tests/suite and tests/lecture, and what matgrad answers to them."""

import collections
import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def suite():
    """The requests of tests/suite and tests/lecture that are answered."""
    requests = []
    for path in sorted(Path(ROOT, "tests").glob("suite/*/*.txt")) + sorted(Path(ROOT, "tests").glob("lecture/*.txt")):
        for case in re.split(r"^--- .* ---$", path.read_text(), flags=re.M)[1:]:
            lines = [line.split(": ", 1) for line in case.splitlines() if line.strip()]
            given = collections.defaultdict(list)
            for key, value in lines:
                given[key].append(value.strip())
            if "refused" not in given:
                requests.append(as_request(given))
    return requests


def as_request(given):
    """A batch request from the lines of a case."""
    names = lambda key: {key: [n.strip() for n in given[key][0].split(",")]} if key in given else {}
    request = {"expr": "\n".join(given["expr"]), "let": given.get("let", [])} | names("wrt") | names("at")
    if request.get("wrt") == ["none"]:
        request["wrt"] = []
    request |= {key: int(given[key][0]) for key in ["order"] if key in given}
    return request | {key: given[key][0] == "true" for key in ["vec", "free_entries"] if key in given}


def answers(program, requests, targets):
    """The answers of a batch; a target that cannot say a request leaves the request to the others."""
    lines = "\n".join(
        json.dumps(r | {"id": f"{i} {t}", "check": False, "emit": ["numpy", t.removesuffix("-blas")]})
        for i, r in enumerate(requests)
        for t in targets
    )
    done = subprocess.run([program, "batch"], input=lines, capture_output=True, text=True, check=True)
    return {a["id"]: a for a in map(json.loads, done.stdout.splitlines())}
