"""Runs everything and writes the report; run.sh starts it."""

import argparse
import os
import sys
import time
from pathlib import Path

import cases
import evaluation
import report
import symbolic


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="", help="the cases whose name holds this; the report is printed and not written"
    )
    parser.add_argument(
        "--part", choices=["symbolic", "evaluation"], help="one part; the report is printed and not written"
    )
    options = parser.parse_args()
    # One core, so that nobody gains by threads.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    start, load = time.perf_counter(), os.getloadavg()[2]

    def told(name, found):
        print(f"{time.perf_counter() - start:4.0f} s  {name}: {report.line(found)}", file=sys.stderr)
        return found

    found, evaluated = [], []
    if options.part != "evaluation":
        chosen = [case for case in cases.SYMBOLIC if options.only in case.title]
        found = [(case.title, told(case.title, symbolic.run(case))) for case in chosen]
        found += [] if options.only else [("cold, x^T A x", told("cold", symbolic.cold()))]
    if options.part != "symbolic":
        chosen = [(case, n) for case in cases.EVALUATIONS if options.only in case.name for n in case.sizes]
        evaluated = [(case, n, told(f"{case.name}, n = {n}", evaluation.run(case, n))) for case, n in chosen]
    text = report.written(found, evaluated, f"{load:.1f} before, {os.getloadavg()[1]:.1f} after")
    if options.only or options.part:
        print(text)
    else:
        Path(__file__).with_name("RESULTS.md").write_text(text)


if __name__ == "__main__":
    main()
