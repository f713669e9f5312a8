"""The standard streams: there, whatever a shell or a service manager has closed."""

from __future__ import annotations

import os
import sys


def open_streams() -> None:
    """Give the process its three streams, and end it with one sentence where standard output is closed.

    A closed one leaves a number that the next opened file would take, and what libraries print would go there.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  for as long as the process lives
    if sys.stdout is None:
        sys.stderr.write("gan-bench: Standard output is closed; send it to a file, or to /dev/null.\n")
        sys.exit(2)
