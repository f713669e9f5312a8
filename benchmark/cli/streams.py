"""The standard streams, reopened if a shell or service manager has closed them."""

from __future__ import annotations

import os
import sys


def open_streams() -> None:
    """Open all three standard streams, and exit with a message if standard output is closed.

    A closed stream frees its descriptor for the next opened file, and output of libraries would end up in that file.
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
