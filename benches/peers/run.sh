#!/usr/bin/env bash
# Measures matgrad against its peers and writes RESULTS.md beside this file:
#
#     benches/peers/run.sh                      everything, some ten minutes on two cores
#     benches/peers/run.sh --only quadratic     the cases whose name holds a word, printed and not written
#
# The first run makes a virtual environment in target/peers (PYTHON names the interpreter), and takes longer.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-target}
venv=${PEERS_VENV:-$target/peers}
if [ ! -x "$venv/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement benches/peers/requirements.txt
fi
cargo build --release --locked --quiet --bin matgrad --example stopwatch

# One thread for everybody, in doubles, on the processor.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
export XLA_FLAGS="--xla_cpu_multi_thread_eigen=false" JAX_PLATFORMS=cpu JAX_ENABLE_X64=1
export MATGRAD="$target/release/matgrad" STOPWATCH="$target/release/examples/stopwatch"
exec "$venv/bin/python" benches/peers/main.py "$@"
