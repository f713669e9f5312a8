"""Records made by hand with all that a report shows, and a reader of the page made from them."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np

from benchmark.store import CURVE, End, Record, RecordedScore, curve_bytes, identity_key, write_record

SCRIPT = "</script><script>document.title='pwned'</script><img src=x onerror=alert(1)>"
CENTRES = [(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)]


def record(row, seed, value, *, problem="plane", kind="objective", state="ok", seconds=1.0, metrics=1, iterations=100):
    """Build one run's record; a failed one has no scores."""
    identity = {"row": row, "seed": seed, "problem": problem, "iterations": iterations}
    names = ["coverage", *(f"metric_{number}" for number in range(1, metrics))]
    return Record(
        key=identity_key(identity),
        kind=kind,
        problem=problem,
        row=row,
        track="shared" if kind == "objective" else None,
        seed=seed,
        identity=identity,
        comparable={"budget": 100, "data": "a" * 16} if kind == "objective" else {},
        end=End(state=state, iteration=iterations),
        headline=tuple(names[:4]),
        scores={name: RecordedScore(value=float(value), direction="higher") for name in names} if state == "ok" else {},
        protocol={name: {"n_samples": 2500, "floor": 0.25, "n_modes": 3} for name in names},
        compute={"gradient_evaluations": 100, "seconds": seconds} if kind == "objective" else {},
        environment={"versions": {"python": "3.11", "torch": "2.14"}, "processor": "a processor"},
    )


def write(root, made, samples=None, points=10):
    """Write a record with a curve that ends at its value, and its samples."""
    directory = write_record(root, made)
    value = made.scores["coverage"].value if made.scores else 0.0
    if made.kind == "objective":
        curve = []
        for step in range(1, points + 1):
            losses = {"critic_loss": 1.0 / step, "generator_loss": 0.5 + made.seed}
            watched = {"coverage": value * step / points} if step % (points // 10) == 0 else {}
            curve.append((made.identity["iterations"] * step // points, losses | watched))
        (directory / CURVE).write_bytes(curve_bytes(curve))
    if samples is not None:
        np.savez_compressed(directory / "samples.npz", samples=np.asarray(samples, dtype=np.float32))


def plane_samples(generator, modes=3, count=300):
    """Draw points around the first so many centres."""
    centres = np.array(CENTRES[:modes])[generator.integers(modes, size=count)]
    return centres + 0.2 * generator.normal(size=(count, 2))


def stored(root):
    """Write a problem in the plane and one of images: good beats ns, bad sometimes fails, broken always."""
    generator = np.random.default_rng(0)
    for problem in ("plane", "images"):
        rows = {"ns": 0.5, "good": 0.8, SCRIPT: 0.4, "bad": 0.3, "oracle": 0.99}
        for row, value in rows.items():
            for seed in range(4):
                failed = row == "bad" and seed == 1
                made = record(
                    row,
                    seed,
                    value + 0.01 * seed,
                    problem=problem,
                    kind="control" if row == "oracle" else "objective",
                    state="diverged" if failed else "ok",
                    seconds=1.0 + value,
                )
                drawn = plane_samples(generator, 1 if row == "bad" else 3)
                write(root, made, drawn if problem == "plane" else generator.random((50, 64)))
        for seed in range(4):
            write(root, record("broken", seed, 0.0, problem=problem, state="collapsed"))
    return root


class Reader(HTMLParser):
    """Reads what a browser would: elements, their attributes, and the cells of tables."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.tables, self._cell = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Begin an element: a table, a row, a cell."""
        self.elements.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_data(self, data):
        """Keep the text of a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag):
        """End a cell."""
        if tag in ("td", "th"):
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def table(self, heading):
        """Return the first table with this heading in its first row."""
        return next(table for table in self.tables if heading in " ".join(table[0]))
