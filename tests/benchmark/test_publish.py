"""Publishing: many records in one file, read as their directories were, and what is generated beside it."""

from __future__ import annotations

import json
import shutil

from benchmark.store import PACK, packed, read_all
from tests.benchmark.cli_builders import is_one_sentence, store, type_in

__all__ = ["type_in"]


def made(tmp_path):
    """Make a directory of two rows."""
    root = tmp_path / "runs"
    store(root, "ns", [0.5, 0.6, 0.7])
    store(root, "hinge", [0.4, 0.6, 0.8])
    return root


def test_a_pack_stands_for_its_directories(type_in, tmp_path):
    """After the runs' directories are gone the leaderboard is the same, and its generated files are current."""
    root = made(tmp_path)
    before = read_all(root)[0]
    code, out, err = type_in("publish", root, "--json", tmp_path / "published.json")
    assert (code, err) == (0, "")
    assert "6 records" in out
    facts = json.loads((tmp_path / "published.json").read_text())
    assert (facts["command"], facts["records"], facts["directory"]) == ("publish", 6, str(root))
    assert all((root / name).is_file() for name in facts["files"])
    assert PACK in facts["files"]
    _, table, _ = type_in("leaderboard", "--results", root)
    shutil.rmtree(root / "ring")
    assert read_all(root) == (before, [])
    assert type_in("leaderboard", "--results", root)[1] == table
    for name in ("leaderboard.md", "leaderboard.csv"):
        assert type_in("leaderboard", "--results", root, "--check", root / name)[0] == 0
    assert (root / "report.html").stat().st_size > 1000
    store(root, "wgan", [0.1])
    assert type_in("leaderboard", "--results", root, "--check", root / "leaderboard.md")[0] == 4


def test_records_in_both_places_are_one(tmp_path):
    """A run may be in the pack and have its directory: nobody counts it twice, and nothing is called bad."""
    root = made(tmp_path)
    before = read_all(root)
    (root / PACK).write_bytes(packed(before[0]))
    assert read_all(root) == before


def test_a_bad_line_is_named(tmp_path):
    """A torn line is named with its number; the others count."""
    root = made(tmp_path)
    records, _ = read_all(root)
    shutil.rmtree(root / "ring")
    lines = packed(records).splitlines()
    lines[2] = lines[2][:50]
    (root / PACK).write_bytes(b"\n".join(lines))
    found, bad = read_all(root)
    assert len(found) == len(records) - 1
    assert [one.reason.startswith("line 3: ") for one in bad] == [True]


def test_a_users_run_stands_among_published_rows(type_in, tmp_path):
    """`--with` puts the records of two directories into one table, each run once."""
    published, own = made(tmp_path), tmp_path / "own"
    store(own, "mine", [0.9, 0.9, 0.8])
    store(own, "ns", [0.5])
    code, out, _ = type_in("leaderboard", "--results", own, "--with", published)
    assert code == 0
    assert all(row in out for row in ("mine", "ns", "hinge"))
    assert "3/3" in out
    assert "4/4" not in out
    code, out, _ = type_in("compare", "mine", "ns", "--results", own, "--with", published)
    assert code == 0
    assert "mine against ns" in out
    assert is_one_sentence(*type_in("leaderboard", "--results", own, "--with", tmp_path / "nowhere"))


def test_lines_of_another_version_are_not_lost(type_in, tmp_path):
    """Publishing anew refuses to drop what it cannot read."""
    root = made(tmp_path)
    type_in("publish", root)
    pack = root / PACK
    pack.write_bytes(pack.read_bytes() + b'{"schema": 99}\n')
    before = pack.read_bytes()
    code, _, err = type_in("publish", root)
    assert code == 2
    assert "line 7" in err
    assert pack.read_bytes() == before
