"""Groups as Ray tasks, on this machine or a cluster; a lost worker loses at most the time since its checkpoint.

A worker receives its group's experiments, loads their data, trains the group and writes its records to the store.
Nothing is returned through Ray, so neither its object store nor its queue needs to survive anything.
"""

from __future__ import annotations

import os
import pickle
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmark.engine.host import prepared_process
from benchmark.errors import Interrupted, UserError
from benchmark.problems import Data
from benchmark.runner.groups import Cohort
from benchmark.runner.plan import Loading, Plan
from benchmark.runner.progress import Progress
from benchmark.runner.work import run_group, shown, total_of
from benchmark.store import PROGRESS, RECORD, Record, read_record, read_regular, run_directory
from objectives.foundation.loading import load_files, loaded_files
from objectives.foundation.names import quote

TOKEN = "RAY_AUTH_TOKEN"
CLUSTER, LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "127.0.0.1"
KEPT: dict[str, Data] = {}  # of a worker process: the data of its last group, by digest
POLL_SECONDS = 0.5  # between two reads of the workers' progress


@dataclass(frozen=True)
class RayExecutor:
    """Ray core tasks, one per group."""

    address: str | None = None  # None: start Ray on this machine
    cpus_per_group: float | None = None  # None: the request's threads
    gpus_per_group: float = 0.0  # may be a fraction; Ray does not watch a GPU's memory
    max_retries: int = 3

    def run(
        self, groups: Sequence[Cohort], planned: Plan, root: Path, cache: Path, progress: Progress
    ) -> Iterator[Record]:
        """Run the groups, as many at a time as the cluster has room for, and read their records from the store."""
        if not groups:
            return
        ray = imported(alone=self.address is None)
        with stdout_to_stderr(), ExitStack() as bars:
            began = time.monotonic()
            if self.address is None:
                ensure_token()
            bars.callback(ray.shutdown)
            with kept_handlers():
                ray.init(address=self.address, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
            if self.address is None and (where := ray.util.get_node_ip_address()) != LOOPBACK:
                progress.note(f"Ray listens on {where}, because it was imported earlier; only its token protects it.")
            print(f"ray: started in {time.monotonic() - began:.1f} s", file=sys.stderr)
            task = ray.remote(work).options(
                num_cpus=self.cpus_per_group or planned.request.threads,
                num_gpus=self.gpus_per_group,
                max_retries=self.max_retries,
            )
            # Without what the groups already have, some of which Ray could not send.
            options = replace(planned.request, problems=(), objectives=(), network=None, evaluators=())
            here, files = str(Path.cwd()), loaded_files()
            waiting = {}
            for group in groups:
                text = ray.cloudpickle.dumps((group, options, planned.load))
                report = bars.enter_context(shown(progress, group))
                waiting[task.remote(text, files, str(root.resolve()), str(cache), here)] = group, report
            yield from self._collect(ray, waiting, root, progress)

    def _collect(self, ray: Any, waiting: dict[Any, Any], root: Path, progress: Progress) -> Iterator[Record]:
        """Yield the records of each group as it finishes, and update the progress meanwhile."""
        try:
            while waiting:
                done, _ = ray.wait(list(waiting), num_returns=1, timeout=POLL_SECONDS)
                for group, report in waiting.values():
                    report(progress_of(group, root))
                for reference in done:
                    group, report = waiting.pop(reference)
                    try:
                        ray.get(reference)
                    except ray.exceptions.RayError as error:
                        progress.note(_reason(error, group))
                        continue
                    report(total_of(group))
                    yield from recorded(group, root)
        except BaseException:
            for reference in waiting:
                ray.cancel(reference)  # raises KeyboardInterrupt in the worker, which saves its checkpoint
            ray.wait(list(waiting), num_returns=len(waiting), timeout=10.0) if waiting else None
            raise


def _reason(error: Exception, group: Cohort) -> str:
    """Return why a group is unfinished: a UserError in full, or the last line of any other error."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, UserError):
        return str(cause)
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{quote(group.label)} is not finished ({lines[-1][:200]}); repeat the command to resume."


def imported(*, alone: bool = False) -> Any:
    """Import Ray without its telemetry and its hook into uv; if `alone`, it listens on loopback only."""
    if alone:
        os.environ.setdefault(CLUSTER, "0")  # read at import; the switch that macOS and Windows have by default
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # a group without GPUs leaves CUDA as it is
    try:
        import ray
    except ImportError as error:
        raise UserError("The Ray executor needs Ray: pip install ray.") from error
    return ray


@contextmanager
def kept_handlers() -> Iterator[None]:
    """Restore the handler of SIGTERM, which Ray replaces by one that exits without a message or a checkpoint."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return
    kept = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except SystemExit as left:  # raised by Ray's handler
        if left.code == signal.SIGTERM:
            raise Interrupted(signal.SIGTERM) from left
        raise
    finally:
        signal.signal(signal.SIGTERM, kept)


def ensure_token() -> None:
    """Set the cluster's token if Ray cannot write one to the home directory; Ray reads it once per process."""
    try:
        has_home = os.access(Path.home(), os.W_OK)
    except RuntimeError:  # no HOME, and no entry in the list of users
        has_home = False
    if not has_home:
        os.environ.setdefault(TOKEN, secrets.token_hex(32))


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Redirect what Ray prints on standard output, which is for data only, to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def data_of(cohort: Cohort, load: Loading, cache: Path) -> Data:
    """Return the data of a group's problem; a worker caches those of its last group."""
    experiment = cohort.experiment
    digest = experiment.facts["data"]
    if digest not in KEPT:
        data = load(experiment.problem, cache)
        if data.digest() != digest:
            raise UserError(f"The data of {quote(experiment.problem.name)} differ on a worker from the planned data.")
        KEPT.clear()
        KEPT[digest] = data
    return KEPT[digest]


def work(text: bytes, files: Mapping[str, str], root: str, cache: str, here: str) -> None:
    """Train one group in a worker; a retry resumes from the checkpoint of the previous attempt."""
    if Path(here).is_dir():
        os.chdir(here)  # where the user's modules and data are
        sys.path.insert(0, here)
    load_files(files)
    group, options, load = pickle.loads(text)
    data = data_of(group, load, Path(cache))
    path = group.directory(Path(root)) / PROGRESS
    path.parent.mkdir(parents=True, exist_ok=True)

    def report(done: int) -> None:
        with suppress(OSError):  # a full disk must not end the training
            path.write_text(str(done))

    with prepared_process(options.threads, tf32=options.tf32, deterministic=options.deterministic):
        run_group(group, data, Path(root), options, report)
    path.unlink(missing_ok=True)


def progress_of(group: Cohort, root: Path) -> int:
    """Read the progress of a worker; 0 if its file is being written."""
    try:
        return int(read_regular(group.directory(root) / PROGRESS))
    except (OSError, ValueError):
        return 0


def recorded(group: Cohort, root: Path) -> Iterator[Record]:
    """Read a finished group's records."""
    for run in group.runs:
        experiment = run.experiment
        found = read_record(run_directory(root, experiment.problem.name, experiment.row, run.seed, run.key) / RECORD)
        if isinstance(found, Record):
            yield found
