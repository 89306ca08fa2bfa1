#!/usr/bin/env python3
"""Holds emitted code against what the formatter of its language leaves.

    cargo build --release --bin matgrad
    scripts/check_format.py [--targets numpy,rust] [--only WORD] [--show 3]

Asks every case of tests/suite and tests/lecture. Python is formatted by black (88 columns), Rust by rustfmt, C and C++ by clang-format
with the style in STYLE. A formatter that is missing is skipped, and said to be. Exit status 1 where a text would change.
"""

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from suite import ROOT, answers, suite

STYLE = """{
BasedOnStyle: LLVM, IndentWidth: 4, ColumnLimit: 100, AlignAfterOpenBracket: AlwaysBreak, BinPackParameters: false,
AllowShortFunctionsOnASingleLine: None, AllowShortIfStatementsOnASingleLine: WithoutElse,
AllowShortLoopsOnASingleLine: true, SortIncludes: Never, ReflowComments: false, AlwaysBreakTemplateDeclarations: true,
AllowAllParametersOfDeclarationOnNextLine: false, PenaltyReturnTypeOnItsOwnLine: 100000
}""".replace("\n", " ")
BLACK = (["black", "-q"], "py")


def clang(pointers):
    """clang-format with the star of a pointer at its name (Right) or at its type (Left)."""
    return ["clang-format", "-i", f"--style={STYLE.replace('}', f', PointerAlignment: {pointers}}}')}"]


FORMATTERS = {
    "numpy": BLACK,
    "jax": BLACK,
    "torch": BLACK,
    "sympy": BLACK,
    "rust": (["rustfmt", "--edition", "2024"], "rs"),
    "c": (clang("Right"), "c"),
    "eigen": (clang("Left"), "cpp"),
}


def formatted(texts, command, ending):
    """The texts as the formatter leaves them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"f{i}.{ending}") for i in range(len(texts))]
        for path, text in zip(paths, texts):
            path.write_text(text)
        for start in range(0, len(paths), 50):
            done = subprocess.run([*command, *paths[start : start + 50]], capture_output=True, text=True)
            if done.returncode:
                print(done.stderr[:2000])
        return [path.read_text() for path in paths]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"), "release")
    parser.add_argument("--matgrad", default=built / "matgrad")
    parser.add_argument("--targets", default=",".join(FORMATTERS))
    parser.add_argument("--only", default="", help="requests whose expression holds this")
    parser.add_argument("--show", type=int, default=3, help="how many differences are printed for a target")
    options = parser.parse_args()
    requests = [request for request in suite() if options.only in request["expr"]]
    differ = 0
    for target in options.targets.split(","):
        command, ending = FORMATTERS[target]
        if not shutil.which(command[0]):
            print(f"{target}: skipped, no {command[0]}")
            continue
        found = [a for a in answers(options.matgrad, requests, [target]).values() if a["ok"]]
        texts = [a["code"][target] for a in found]
        changed = [(a, b) for a, b in zip(texts, formatted(texts, command, ending)) if a != b]
        print(f"{target}: {len(texts)} texts, {len(changed)} that {command[0]} would change", flush=True)
        for before, after in changed[: options.show]:
            print("\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)))
        differ += len(changed)
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
