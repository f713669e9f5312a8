"""How much a Parzen score depends on its protocol: `python benchmarks/rescore.py results/reproduce`.

Score the kept generators of a problem again, without training, changing one thing at a time in the protocol of
Goodfellow et al. (2014): pixels divided by 256 instead of 255, a finer grid of sigmas, other numbers of centres, and
other noise. The effects in nats are printed for each run and on average, and written to `rescored.json` in the results
directory, from where `gan-bench reproduce goodfellow2014` adds them to its page. That target keeps its generators;
`gan-bench run` does so with `--keep-generators`. Runs that are in `rescored.json` already are not scored again.
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
from benchmark.reproduce.rescored import SCORE, read, write
from benchmark.runner.generators import kept_generator
from benchmark.runner.paths import cache_directory
from benchmark.store import Record, read_all
from evaluators import FINE_GRID, PAPER_GRID
from evaluators.parzen import VALIDATION_LIMIT, choose_sigma, parzen_log_density

CENTRES = 10_000  # of the protocol
Draw = Callable[[int, int], Tensor]  # count, seed -> samples


def scored(centres: Tensor, data: Data, grid: tuple[float, ...] = PAPER_GRID, scale: float = 1.0) -> float:
    """Return the mean log-likelihood of the test set, sigma chosen on validation data, all times `scale`."""
    assert data.truth.validation is not None
    mu, tuning, test = (
        scale * as_floats(part).flatten(1).double()
        for part in (centres, data.truth.validation[:VALIDATION_LIMIT], data.truth.reference)
    )
    sigma, _ = choose_sigma(mu, tuning, grid)
    return float(parzen_log_density(test, mu, (sigma,))[0].mean())


def effects(draw: Draw, data: Data, centres: int = CENTRES) -> dict[str, float]:
    """Return the score under the protocol, and the effect of each change."""
    samples = draw(centres, 0)
    base = scored(samples, data)
    changed: Mapping[str, float] = {
        "pixels divided by 256, not 255": scored(samples, data, scale=255.0 / 256.0),
        "61 sigmas from 0.01 to 1, not 10 from 0.1 to 1": scored(samples, data, FINE_GRID),
        "a tenth of the centres": scored(samples[: centres // 10], data),
        "five times the centres": scored(draw(5 * centres, 0), data),
        "other noise": scored(draw(centres, 1), data),
    }
    return {SCORE: base} | {what: value - base for what, value in changed.items()}


def kept(root: Path, problem: str, row: str) -> list[Record]:
    """Return the runs of a row, which may be named without its settings."""
    records = [one for one in read_all(root)[0] if one.problem == problem and one.kind == "objective"]
    return [one for one in records if row in (one.row, one.row.partition(" ")[0])]


def main() -> None:
    """Score every run, print a line for each change, and write the effects."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="results directory with kept generators")
    parser.add_argument("--problem", default="mnist")
    parser.add_argument("--objective", default="ns", help="the row")
    parser.add_argument("--centres", type=int, default=CENTRES)
    asked = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    data = problem_of(asked.problem).load(cache_directory())
    for record in kept(asked.results, asked.problem, asked.objective):
        name = f"seed {record.seed}, {record.identity['iterations']} iterations, {record.identity['network']}"
        known = read(asked.results)
        if record.key not in known:
            try:
                generator = kept_generator(record, asked.results, cache_directory())
            except UserError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            known = {record.key: effects(generator.sample, data, asked.centres)}
            write(asked.results, known)
        found[name] = dict(known[record.key])
        print(f"{name}: {found[name].pop(SCORE):.2f} nats", flush=True)
    if not found:
        sys.exit("No run has a kept generator.")
    for what in dict.fromkeys(what for effect in found.values() for what in effect):
        values = [effect[what] for effect in found.values() if what in effect]
        print(f"{what}: {fmean(values):+.2f} nats ({', '.join(f'{value:+.2f}' for value in values)})")
    shift = math.prod(data.truth.shape) * math.log(256.0 / 255.0)
    print(f"In theory the divisor adds {shift:+.2f} nats if sigma scales with the pixels.")


if __name__ == "__main__":
    main()
