"""Interleaved measurement: every contestant once a round, each round in the reverse order of the one before."""

import signal
import statistics
import time
from contextlib import contextmanager


class TooLong(Exception):
    """A contestant was stopped."""


@contextmanager
def limit(seconds):
    """Stops what runs inside after some seconds."""

    def stop(*_):
        raise TooLong(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def sampler(function, clock=time.process_time, least=0.0005):
    """A function that gives the seconds of one call, of as many calls in a row as make them measurable.

    By default it is time of the processor: of a machine that others use as well it tells more than the clock on the wall.
    """
    calls = 1

    def sample():
        start = clock()
        for _ in range(calls):
            function()
        return (clock() - start) / calls

    while sample() * calls < least:
        calls *= 4
    return sample


def interleaved(samplers, budget, most=101):
    """The median of each sampler, which is asked until it has taken so many seconds itself."""
    times = {name: [] for name in samplers}
    spent = dict.fromkeys(samplers, 0.0)
    order = list(samplers)
    for _ in range(most):
        for name in [name for name in order if spent[name] < budget]:
            start = time.perf_counter()
            times[name].append(samplers[name]())
            spent[name] += time.perf_counter() - start
        order.reverse()
    return {name: statistics.median(found) for name, found in times.items()}
