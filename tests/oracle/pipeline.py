"""Making and checking side by side: marlin works on the next outputs while other people's code reads the last one."""

import queue
import sys
import threading
from typing import Callable, NamedTuple

# Outputs that wait to be checked.
AHEAD = 3


class Job(NamedTuple):
    """`make` runs in a thread of its own, which also goes through the list of jobs; `check` in the main thread."""

    name: str
    make: Callable[[], None]
    check: Callable[[], None]


def work_through(jobs):
    """Every job in order; the first failure in that order, of either kind, is raised."""
    made = queue.Queue(AHEAD)
    threading.Thread(target=make_all, args=(jobs, made), daemon=True).start()
    while (entry := made.get()) is not None:
        name, check = entry
        try:
            check()
        except BaseException:
            print(f"oracle: stopped at {name}", file=sys.stderr)
            raise
        sys.stdout.flush()


def make_all(jobs, made):
    name = "the first"
    try:
        for job in jobs:
            name = job.name
            job.make()
            made.put((name, job.check))
        made.put(None)
    # SystemExit too: that is how checks fail.
    except BaseException as failure:
        made.put((name, lambda e=failure: fail(e)))


def fail(failure):
    raise failure
