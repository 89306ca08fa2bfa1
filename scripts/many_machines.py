#!/usr/bin/env python3
"""Emitted code on many machines, as it is: JAX with its rows over 8 devices, NumPy on dask arrays.

    scripts/many_machines.py [--matgrad PATH]

The gradient of the logistic loss is emitted once for JAX and once for NumPy. The rows of the data are laid over 8 devices of
the host; the compiled program must hold one all-reduce and gather nothing, and its numbers agree to 1e-12. The emitted NumPy
code then takes dask arrays in chunks of rows. Exit status 1 where any of that does not hold.
"""

import argparse
import os
import re
import subprocess
import sys

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=8"

import numpy as np

LOSS = "X: matrix(m,n); y: vector(m); w: vector(n); sum(log.(1 .+ exp.(-y .* X w)))"
COLLECTIVES = ["all-reduce", "all-gather", "all-to-all", "reduce-scatter", "collective-permute"]


def emitted(program, target):
    command = [program, LOSS, "--wrt", "w", "--emit", target]
    module = {}
    exec(subprocess.run(command, capture_output=True, text=True, check=True).stdout, module)
    return module


def collectives(text):
    """How often each collective occurs in a compiled program."""
    return {name: len(re.findall(rf" {name}(?:-start)?\(", text)) for name in COLLECTIVES}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matgrad", default="target/release/matgrad")
    program = parser.parse_args().matgrad
    rng = np.random.default_rng(0)
    m, n = 8000, 50
    X, w = rng.normal(size=(m, n)), rng.normal(size=n) / 10
    y = np.sign(rng.normal(size=m))
    plain = emitted(program, "numpy")
    expected = plain["gradient"](X=X, y=y, w=w)
    close = lambda g: float(np.max(np.abs(np.asarray(g) - expected)) / np.max(np.abs(expected)))
    failed = False

    import jax

    jax.config.update("jax_enable_x64", True)
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    mesh = Mesh(np.array(jax.devices()), ("rows",))
    lay = lambda a, spec: jax.device_put(a, NamedSharding(mesh, spec))
    given = {
        "X": lay(X, PartitionSpec("rows", None)),
        "y": lay(y, PartitionSpec("rows")),
        "w": lay(w, PartitionSpec()),
    }
    compiled = jax.jit(emitted(program, "jax")["gradient"]).lower(**given).compile()
    counted = collectives(compiled.as_text())
    error = close(compiled(**given))
    print(f"jax {jax.__version__}, {len(jax.devices())} devices: {counted}, difference {error:.1e}")
    failed |= counted["all-reduce"] != 1 or sum(counted.values()) != 1 or error > 1e-12

    import dask
    import dask.array

    chunks = {"X": dask.array.from_array(X, (1000, n)), "y": dask.array.from_array(y, 1000), "w": w}
    error = close(plain["gradient"](**chunks).compute())
    print(f"dask {dask.__version__}, {chunks['X'].npartitions} chunks of rows: difference {error:.1e}")
    return int(failed or error > 1e-12)


if __name__ == "__main__":
    sys.exit(main())
