"""Emitted code of languages that are compiled: one program for many requests, which prints its numbers as JSON lines."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from suite import ROOT

FUNCTIONS = ["value", "differential", "gradient", "jacobian", "hessian", "derivative", "value_and_gradient"]
HEAD = {
    "eigen": r"^([\w:]+) (\w+)\(([^{;]*?)\) \{$",
    "c": r"^(\w+) (\w+)\(([^{;]*?)\) \{$",
    "rust": r"^pub fn (\w+)\((.*?)\) -> (.*?) \{$",
}


def functions(target, code):
    """The functions of a module: name, parameters as (name, type), type of the result."""
    for match in re.finditer(HEAD[target], code, re.M | re.S):
        result, name, listed = match.groups() if target != "rust" else (match[3], match[1], match[2])
        if name in FUNCTIONS:
            parts = [p.strip() for p in listed.split(",") if p.strip()]
            if target == "rust":
                yield name, [tuple(p.split(": ", 1)) for p in parts], result
            else:
                split = [re.fullmatch(r"(.*?)[ &]*(?:/\*)?(\w+)(?:\*/)?", p) for p in parts]
                yield name, [(m[2], m[1]) for m in split], result


def given(name, values):
    """The value of a parameter by its name in the target."""
    for known in (name, name.lstrip("_"), name.rstrip("_"), name.removesuffix("_in")):
        if known in values:
            return values[known]
    return values[name.removesuffix("_in").strip("_")]


def fields(target, code):
    """The fields of each record."""
    pattern = {"eigen": r"struct (\w+) \{\n(.*?)\n\};", "c": r"typedef struct \{\n([^}]*?)\n\} (\w+);"}
    found = {}
    for match in re.finditer(pattern.get(target, r"pub struct (\w+) \{\n(.*?)\n\}"), code, re.S):
        name, body = (match[2], match[1]) if target == "c" else (match[1], match[2])
        lines = [line.strip().rstrip(";,").removeprefix("pub ") for line in body.splitlines()]
        names = [line.split(":")[0] if target == "rust" else line.split()[-1].lstrip("*") for line in lines]
        found[name] = names
    return found


def literal(target, kind, v):
    """An argument of a type."""
    if not isinstance(v, np.ndarray):
        whole = kind.strip() in ("int", "i32", "usize")
        return str(int(v)) if whole else repr(float(v))
    rows = v[:, None] if v.ndim == 1 else v
    numbers = ", ".join(repr(float(e)) for e in rows.ravel())
    if target == "c":
        return f"(matrix){{{rows.shape[0]}, {rows.shape[1]}, (double[]){{{numbers}}}}}"
    if target == "eigen":
        of = "Vector" if "Vector" in kind else "Matrix"
        return f"make{of}({rows.shape[0]}, {rows.shape[1]}, {{{numbers}}})"
    if "DVector" in kind:
        return f"&nalgebra::DVector::from_row_slice(&[{numbers}])"
    return f"&nalgebra::DMatrix::from_row_slice({rows.shape[0]}, {rows.shape[1]}, &[{numbers}])"


def shown(target, code, call, name, kind):
    """Statements that print a result."""
    records = fields(target, code)
    lines = []
    if target == "rust" and kind.startswith("("):
        inner = kind[1:-1].split(", ", 1)
        lines.append('show("value_and_gradient value", &r.0);')
        parts = records.get(inner[1])
        lines += [f'show("value_and_gradient gradient {f}", &r.1.{f});' for f in parts or []]
        lines += [] if parts else ['show("value_and_gradient gradient", &r.1);']
    elif kind == "ValueAndGradient":
        lines.append('show("value_and_gradient value", r.value);')
        nested = records.get("Gradient") if re.search(r"^\s+Gradient gradient;", code, re.M) else None
        lines += [f'show("value_and_gradient gradient {f}", r.gradient.{f});' for f in nested or []]
        lines += [] if nested else ['show("value_and_gradient gradient", r.gradient);']
    elif kind in records and kind != "matrix":
        lines += [f'show("{name} {f}", {"&" if target == "rust" else ""}r.{f});' for f in records[kind]]
    else:
        lines.append(f'show("{name}", {"&" if target == "rust" else ""}r);')
    declared = {"rust": "let r = ", "eigen": "const auto r = "}.get(target, f"{kind} r = ")
    return "{ " + declared + call + "; " + " ".join(lines) + " }"


def calls(target, code, values, prefix=""):
    for name, parameters, kind in functions(target, code):
        listed = ", ".join(literal(target, t, given(n, values)) for n, t in parameters)
        yield shown(target, code, f"{prefix}{name}({listed})", name, kind)


def parsed(text):
    """The results by request and name."""
    found, current = {}, None
    for line in text.splitlines():
        if line.startswith("#"):
            current = found.setdefault(int(line[1:]), {})
        elif line.startswith("{"):
            row = json.loads(line.replace("-nan", "NaN").replace("nan", "NaN").replace("inf", "Infinity"))
            current[row["name"]] = np.array(row["data"], dtype=float).reshape(row["size"])
    return {i: together(results) for i, results in found.items()}


def together(results):
    """The results without those of value_and_gradient, or an error where these differ from the others."""
    for name in [n for n in results if n.startswith("value_and_gradient ")]:
        value, other = results.pop(name), name.removeprefix("value_and_gradient ")
        if not np.allclose(value, results[other], rtol=1e-9, atol=1e-9, equal_nan=True):
            return AssertionError(f"value_and_gradient differs from {other}")
    return results


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout)[:2000])
    return done.stdout


C_SHOW = """
#include <stdio.h>
static void show_number(const char *name, double x) { printf("{\\"name\\": \\"%s\\", \\"size\\": [], \\"data\\": %.17g}\\n", name, x); }
"""
C_SHOW_MATRIX = """
static void show_matrix(const char *name, matrix A) {
    printf("{\\"name\\": \\"%s\\", \\"size\\": [%d, %d], \\"data\\": [", name, A.rows, A.columns);
    for (int i = 0; i < A.rows * A.columns; ++i) printf("%s%.17g", i ? ", " : "", A.at[i]);
    printf("]}\\n");
    free(A.at);
}
#define show(name, x) _Generic((x), double: show_number, matrix: show_matrix)(name, x)
"""


def c(jobs, folder, blas):
    def one(i, code, values):
        path = Path(folder, f"c{i}")
        has_matrix = "} matrix;" in code
        show = C_SHOW + (C_SHOW_MATRIX if has_matrix else "#define show show_number\n")
        body = "\n".join(calls("c", code, values))
        path.with_suffix(".c").write_text(f'{code}{show}int main(void) {{\nputs("#{i}");\n{body}\nreturn 0;\n}}\n')
        link = ["-DUSE_BLAS", "-llapacke", "-lopenblas"] if blas else []
        warn = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined"]
        run(["gcc", "-O0", *warn, str(path.with_suffix(".c")), "-o", str(path), *link, "-lm"])
        return run([str(path)], timeout=60)

    return one_by_one(jobs, one)


def one_by_one(jobs, one):
    def result(job):
        try:
            return job[0], parsed(one(*job))[job[0]]
        except Exception as error:
            return job[0], error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(result, jobs)


EIGEN_SHOW = """
#include <Eigen/Dense>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <unsupported/Eigen/KroneckerProduct>
#include <unsupported/Eigen/MatrixFunctions>
static Eigen::MatrixXd makeMatrix(int m, int n, std::initializer_list<double> v) {
    return Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>(v.begin(), m, n);
}
static Eigen::VectorXd makeVector(int m, int, std::initializer_list<double> v) { return Eigen::Map<const Eigen::VectorXd>(v.begin(), m); }
static void show(const char *name, double x) { std::printf("{\\"name\\": \\"%s\\", \\"size\\": [], \\"data\\": %.17g}\\n", name, x); }
static void show(const char *name, const Eigen::MatrixXd &A) {
    std::printf("{\\"name\\": \\"%s\\", \\"size\\": [%d, %d], \\"data\\": [", name, int(A.rows()), int(A.cols()));
    for (int i = 0; i < A.size(); ++i) std::printf("%s%.17g", i ? ", " : "", A(i / A.cols(), i % A.cols()));
    std::printf("]}\\n");
}
"""


EIGEN = ["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-isystem", "/usr/include/eigen3"]


def eigen(jobs, folder, at_once=25):
    """Many requests in one file, over headers compiled once, as Eigen takes seconds to read."""
    Path(folder, "show.hpp").write_text(EIGEN_SHOW.replace("static ", "inline "))
    run([*EIGEN, "-x", "c++-header", "show.hpp", "-o", "show.hpp.gch"], cwd=folder)
    parts = [jobs[start : start + at_once] for start in range(0, len(jobs), at_once)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda part: eigen_part(part, folder), parts):
            yield from found.items()


def eigen_part(part, folder):
    """The results of the requests of one file; where it does not compile, of halves of it."""
    spaces, body = [], []
    for i, code, values in part:
        lines = [line for line in code.splitlines() if not line.startswith("#include")]
        spaces.append(f"namespace r{i} {{\n" + "\n".join(lines) + "\n}")
        body.append(f'std::puts("#{i}");\n' + "\n".join(calls("eigen", code, values, f"r{i}::")))
    name = f"e{part[0][0]}_{len(part)}"
    source = '#include "show.hpp"\n' + "\n".join(spaces) + "\nint main() {\n" + "\n".join(body) + "\n}\n"
    Path(folder, f"{name}.cpp").write_text(source)
    try:
        run([*EIGEN, f"{name}.cpp", "-o", name], cwd=folder)
        return parsed(run([f"./{name}"], cwd=folder, timeout=120))
    except Exception as error:
        if len(part) == 1:
            return {part[0][0]: error}
        half = len(part) // 2
        return eigen_part(part[:half], folder) | eigen_part(part[half:], folder)


RUST_SHOW = """
trait Show { fn data(&self) -> (Vec<usize>, Vec<f64>); }
impl Show for f64 { fn data(&self) -> (Vec<usize>, Vec<f64>) { (vec![], vec![*self]) } }
impl Show for nalgebra::DVector<f64> {
    fn data(&self) -> (Vec<usize>, Vec<f64>) { (vec![self.len()], self.iter().copied().collect()) }
}
impl Show for nalgebra::DMatrix<f64> {
    fn data(&self) -> (Vec<usize>, Vec<f64>) { (vec![self.nrows(), self.ncols()], self.transpose().iter().copied().collect()) }
}
fn show(name: &str, x: &impl Show) {
    let (size, data) = x.data();
    let data: Vec<String> = data.iter().map(|x| format!("{x:e}")).collect();
    println!("{{\\"name\\": \\"{name}\\", \\"size\\": {size:?}, \\"data\\": [{}]}}", data.join(", "));
}
"""


def rust(jobs, folder):
    """One crate with a module for each request, compiled offline with the nalgebra of the lock."""
    project = Path(folder, "emitted")
    Path(project, "src").mkdir(parents=True, exist_ok=True)
    manifest = '[package]\nname = "emitted"\nedition = "2024"\nversion = "0.0.0"\n[workspace]\n[dependencies]\nnalgebra = { version = "0.35", default-features = false, features = ["std"] }\n'
    Path(project, "Cargo.toml").write_text(manifest)
    shutil.copy(ROOT / "Cargo.lock", project)
    environment = os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target" / "emitted"), "RUSTFLAGS": "-Cdebuginfo=0"}
    rest, failed = list(jobs), {}
    while rest:
        modules, body = "", ""
        for i, code, values in rest:
            Path(project, "src", f"r{i}.rs").write_text(code)
            modules += f"mod r{i};\n"
            listed = "\n".join(calls("rust", code, values, f"r{i}::"))
            body += f'fn run{i}() {{\nprintln!("#{i}");\n{listed}\n}}\n'
        main = "".join(f"run{i}();\n" for i, _, _ in rest)
        Path(project, "src", "main.rs").write_text(f"{modules}{RUST_SHOW}{body}fn main() {{\n{main}}}\n")
        # What a request says itself stands: `x - x`, and 3.14159….
        lints = ["-Dwarnings", "-Aclippy::eq_op", "-Aclippy::approx_constant"]
        command = ["cargo", "clippy", "--offline", "-q", "--", *lints]
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
        wrong = dict.fromkeys(int(n) for n in re.findall(r"--> src/r(\d+)\.rs", done.stderr))
        if done.returncode and not wrong:
            raise RuntimeError(done.stderr[:2000])
        for i in wrong if done.returncode else []:
            first = re.search(rf"^(?:error|warning)(?:(?!\n\n).)*?--> src/r{i}\.rs.*?\n\n", done.stderr, re.M | re.S)
            failed[i] = RuntimeError(first[0] if first else "does not compile")
        rest = [job for job in rest if job[0] not in failed]
        if not done.returncode:
            run(["cargo", "build", "--offline", "-q"], cwd=project, env=environment)
            break
    yield from failed.items()
    found = parsed(run([str(ROOT / "target" / "emitted" / "debug" / "emitted")], timeout=300)) if rest else {}
    yield from ((i, found[i]) for i, _, _ in rest)


def many(target):
    """Runs jobs (number, code, values): the results, or the error, by number."""

    def all_jobs(jobs):
        with tempfile.TemporaryDirectory() as folder:
            found = {"eigen": eigen, "rust": rust}.get(target) or (lambda j, f: c(j, f, target == "c-blas"))
            return dict(found(jobs, folder))

    return all_jobs
