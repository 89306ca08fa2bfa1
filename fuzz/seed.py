#!/usr/bin/env python3
"""Writes the corpora that fuzzing begins with: fuzz/corpus/TARGET, from tests/suite, tests/lecture and rules."""

import hashlib
import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent


def cases():
    """Each case of the suites: its lines as pairs of key and value."""
    for folder in ("suite", "lecture"):
        for file in sorted((ROOT / "tests" / folder).rglob("*.txt")):
            for case in re.split(r"^--- .* ---$", file.read_text(), flags=re.M)[1:]:
                yield [line.split(": ", 1) for line in case.splitlines() if ": " in line]


def laws():
    """Each entry of the rules, alone."""
    for file in sorted((ROOT / "rules").rglob("*.rules")):
        yield from re.split(r"\n(?=function |operator |condition )", file.read_text())


def request(case):
    """The line of a batch for a case."""
    of = lambda key: [value for k, value in case if k == key]
    line = {"expr": "\n".join(of("expr")), "let": of("let"), "emit": ["numpy"]}
    for key in ("wrt", "at"):
        if of(key) and of(key) != ["none"]:
            line[key] = [name.strip() for name in of(key)[0].split(",")]
    line |= {key: json.loads(of(key)[0]) for key in ("order", "vec", "free_entries") if of(key)}
    return json.dumps(line)


def program(case):
    """A case as one program."""
    return "\n".join(value for key in ("let", "expr") for k, value in case if k == key)


def main():
    all_cases = list(cases())
    programs = [program(c) for c in all_cases]
    seeds = {"expression": programs, "print": programs, "request": map(request, all_cases), "rules": laws()}
    for target, texts in seeds.items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for text in texts:
            (folder / hashlib.sha1(text.encode()).hexdigest()).write_text(text)


if __name__ == "__main__":
    main()
