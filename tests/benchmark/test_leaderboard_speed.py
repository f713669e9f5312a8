"""The leaderboard is quick enough to be asked all the time."""

import time

from benchmark.leaderboard import markdown, ranking_terminal, rankings, tables, terminal
from benchmark.store import End, Record, RecordedScore, identity_key, read_all, run_directory

METRICS = [f"metric_{number}" for number in range(12)]


def record(number):
    """Build one of many records: 10 seeds of 20 objectives on as many problems as it takes."""
    problem, row, seed = f"problem{number // 200}", f"objective{number % 200 // 10}", number % 10
    settings = {f"setting_{at}": at / 10 for at in range(15)}
    identity = {"problem": problem, "row": row, "seed": seed, "settings": settings, "data": "a" * 64}
    return Record(
        key=identity_key(identity),
        kind="objective",
        problem=problem,
        row=row,
        track="shared",
        seed=seed,
        identity=identity,
        comparable={"budget": 20_000, "data": "a" * 64, "evaluators": dict.fromkeys(METRICS, "0123abcd")},
        end=End(state="ok" if number % 9 else "diverged", iteration=10_000),
        scores={metric: RecordedScore(value=number / 7, standard_error=0.1, direction="lower") for metric in METRICS},
        protocol={metric: {"samples": 2500, "floor": 0.1} for metric in METRICS},
        compute={"gradient_evaluations": 20_000, "samples_seen": 1_000_000, "seconds": 1.5},
        environment={"torch": "2.14", "python": "3.11", "versions": {f"library_{at}": "1.2.3" for at in range(10)}},
    )


def test_two_thousand_records_take_under_two_seconds(tmp_path):
    """Reading, tables, baselines, order and text of 2,000 records take less than 2 s of processor time, best of three.

    The target is 3 s for 10,000 on a quiet core, where these take 0.4 s; the bound is for a busy machine.
    """
    for number in range(2000):
        made = record(number)
        directory = run_directory(tmp_path, made.problem, made.row, made.seed, made.key)
        directory.mkdir(parents=True)
        (directory / "record.json").write_text(made.to_json())
    spent = []
    for _ in range(3):
        start = time.process_time()
        records, bad = read_all(tmp_path)
        built = tables(records, baseline="objective0")
        assert terminal(built)
        assert markdown(built)
        assert ranking_terminal(rankings(built))
        spent.append(time.process_time() - start)
        assert (len(records), bad, len(built)) == (2000, [], 10)
    assert min(spent) < 2.0
