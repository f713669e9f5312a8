"""A program of its own: it imports gan-bench once, then forks a child for every command line that it is told.

So that each child is a real process and yet costs its own work only, not the two seconds of importing torch. A line of
JSON on standard input asks for a child, or how one ended; a line of JSON on standard output answers.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings

import preparations  # of this folder, which is first on the path of a script
import torch.fx.experimental.proxy_tensor

import benchmark.runner.ray_executor
import benchmark.runner.run
from benchmark.cli.app import main

IMPORTED = (torch, benchmark)


def child(asked: dict[str, object]) -> None:
    """Become the process that was asked for; never comes back."""
    try:
        for number in (1, 2):
            handle = os.open(asked["streams"][number - 1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
            os.dup2(handle, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(asked["here"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.argv = ["gan-bench", *asked["words"]]
        for name, *arguments in asked["before"]:
            getattr(preparations, name)(*arguments)
        main()
    except SystemExit as left:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # a closed one is None
            stream.flush()
        os._exit(left.code or 0)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def serve() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "ended" in asked:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork() or child(asked)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve()
