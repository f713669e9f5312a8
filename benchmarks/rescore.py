"""What of a Parzen score depends on the protocol: `python benchmarks/rescore.py results/reproduce --objective ns`.

Kept generators of a problem are scored again under one change at a time, without any training: pixels divided by 256
instead of 255, the finer grid of sigmas, other numbers of centres, and other noise. Each line is a change and its
effect in nats beside the protocol of Goodfellow et al. (2014), for each run and on average. Runs keep their generators
under `gan-bench run --keep-generators`; the target `goodfellow2014` does.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean

from torch import Tensor

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.errors import UserError
from benchmark.problems import Data, problem_of
from benchmark.problems.data import as_floats
from benchmark.runner.generators import kept_generator
from benchmark.runner.paths import cache_directory
from benchmark.store import Record, read_all
from evaluators import FINE_GRID, PAPER_GRID
from evaluators.parzen import VALIDATION_LIMIT, choose_sigma, parzen_log_density

CENTRES = 10_000  # of the protocol
Draw = Callable[[int, int], Tensor]  # count, seed -> samples


def scored(centres: Tensor, data: Data, grid: tuple[float, ...] = PAPER_GRID, scale: float = 1.0) -> float:
    """Return the mean log-likelihood of the test set; sigma by the first 1,000 validation points, all times `scale`."""
    assert data.truth.validation is not None
    mu, tuning, test = (
        scale * as_floats(part).flatten(1).double()
        for part in (centres, data.truth.validation[:VALIDATION_LIMIT], data.truth.reference)
    )
    sigma, _ = choose_sigma(mu, tuning, grid)
    return float(parzen_log_density(test, mu, (sigma,))[0].mean())


def effects(draw: Draw, data: Data, centres: int = CENTRES) -> tuple[float, dict[str, float]]:
    """Return the score under the protocol, and what each change adds to it."""
    samples = draw(centres, 0)
    base = scored(samples, data)
    changed: Mapping[str, float] = {
        "pixels divided by 256, not 255": scored(samples, data, scale=255.0 / 256.0),
        "61 sigmas from 0.01 to 1, not 10 from 0.1 to 1": scored(samples, data, FINE_GRID),
        "a tenth of the centres": scored(samples[: centres // 10], data),
        "five times the centres": scored(draw(5 * centres, 0), data),
        "other noise": scored(draw(centres, 1), data),
    }
    return base, {what: value - base for what, value in changed.items()}


def kept(root: Path, problem: str, row: str) -> list[Record]:
    """Return the runs of a row, which may be named without its settings."""
    records = [one for one in read_all(root)[0] if one.problem == problem and one.kind == "objective"]
    return [one for one in records if row in (one.row, one.row.partition(" ")[0])]


def main() -> None:
    """Score every run and print a line for each change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="a directory of runs with their generators")
    parser.add_argument("--problem", default="mnist")
    parser.add_argument("--objective", default="ns", help="the row")
    parser.add_argument("--centres", type=int, default=CENTRES)
    asked = parser.parse_args()
    found: dict[str, tuple[float, dict[str, float]]] = {}
    data = problem_of(asked.problem).load(cache_directory())
    for record in kept(asked.results, asked.problem, asked.objective):
        try:
            generator = kept_generator(record, asked.results, cache_directory())
        except UserError as error:
            print(f"seed {record.seed}: {error}", file=sys.stderr)
            continue
        name = f"seed {record.seed}, {record.identity['iterations']} iterations, {record.identity['network']}"
        found[name] = effects(generator.sample, data, asked.centres)
        print(f"{name}: {found[name][0]:.2f} nats")
    if not found:
        sys.exit("There is no run whose generator was kept.")
    dimension = math.prod(data.truth.shape)
    for what in next(iter(found.values()))[1]:
        values = [effect[what] for _, effect in found.values()]
        print(f"{what}: {fmean(values):+.2f} nats ({', '.join(f'{value:+.2f}' for value in values)})")
    print(f"By theory the divisor adds {dimension * math.log(256.0 / 255.0):+.2f} nats where sigma follows the scale.")


if __name__ == "__main__":
    main()
