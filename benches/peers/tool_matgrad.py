"""matgrad: as a command, in process (examples/stopwatch.rs), and the code that it emits."""

import json
import os
import subprocess

NAME = "matgrad"
DERIVATIVES = ("gradient", "jacobian", "hessian", "derivative")
COLD = [os.environ["MATGRAD"], "x^T A x", "--wrt", "x"]


class Stopwatch:
    """The library in a process of its own, which answers and times a request a line."""

    def __init__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([os.environ["STOPWATCH"]], stdin=pipe, stdout=pipe, text=True)

    def ask(self, request):
        """The seconds from text to answer, and the answer."""
        self.process.stdin.write(json.dumps(request | {"check": False}) + "\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        answer = found["answer"]
        if not answer["ok"]:
            raise RuntimeError(answer["error"]["message"])
        return found["seconds"], answer


STOPWATCH = Stopwatch()


def version():
    return subprocess.run([os.environ["MATGRAD"], "--version"], capture_output=True, text=True).stdout.split()[-1]


def load(code):
    """The derivative of an emitted module, and the names of what it takes."""
    module = {}
    exec(compile(code, "<emitted>", "exec"), module)
    function = next(module[name] for name in DERIVATIVES if name in module)
    return function, function.__code__.co_varnames[: function.__code__.co_argcount]


def variables(case):
    """The types of the variables of a request by name."""
    return {v["name"]: v["type"] for v in STOPWATCH.ask(case.request)[1]["variables"]}


def symbolic(case, values):
    """What samples the time of finding the derivative, and its numbers."""
    function, names = load(STOPWATCH.ask(case.request | {"emit": ["numpy"]})[1]["code"]["numpy"])
    numbers = function(**{name: values[name] for name in names})
    return lambda: STOPWATCH.ask(case.request)[0], numbers


def emitted(case, target):
    """The emitted function and the names of what it takes. A Hessian times W is the derivative of the printed gradient along W."""
    _, answer = STOPWATCH.ask(case.request | {"emit": [target]})
    if case.kind == "hessian times W":
        gradient = answer["derivatives"][0]["result"]["ascii"]
        declared = [f"{v['name']}: {v['type']}" for v in answer["variables"]]
        varying = next(d for d in declared if d.startswith(f"{case.wrt[0]}:"))
        along = "W" + varying.removeprefix(case.wrt[0])
        request = {"expr": gradient, "wrt": case.wrt, "at": ["W"], "let": [*declared, along], "emit": [target]}
        _, answer = STOPWATCH.ask(request)
    return load(answer["code"][target])
