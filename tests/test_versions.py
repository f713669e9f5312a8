"""What is said of versions in several places agrees."""

from __future__ import annotations

import re
import subprocess
import tomllib

from tests.prose import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_file_of_floors_holds_the_declared_floors():
    """`make versions` tries exactly the oldest releases that pyproject.toml allows."""
    declared = dict(re.match(r"([\w-]+)>=([\d.]+)", one).groups() for one in PROJECT["dependencies"])
    lines = (ROOT / ".ci" / "floors.txt").read_text().splitlines()
    floors = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert floors == declared


def test_the_classifiers_begin_at_the_required_python():
    """The oldest Python of the classifiers is the one that is required."""
    listed = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)]
    assert PROJECT["requires-python"] == f">={listed[0]}"


def test_the_scripts_are_shell():
    """Bash can read them."""
    for script in ("run", "versions"):
        subprocess.run(["bash", "-n", ROOT / ".ci" / script], check=True)


def test_the_image_and_the_environment_install_what_there_is():
    """The Dockerfile uses every argument that it declares, and it and environment.yml name extras of pyproject.toml."""
    recipe = (ROOT / "Dockerfile").read_text()
    for argument in re.findall(r"^ARG (\w+)", recipe, re.MULTILINE):
        assert f"${{{argument}}}" in recipe
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    needed = ("pyproject.toml", PROJECT["readme"], *PROJECT["license-files"], "benchmark", "objectives", "evaluators")
    for name in needed:  # `COPY .` takes all but what is ignored
        assert (ROOT / name).exists()
        assert name not in ignored
    for text in (recipe, (ROOT / "environment.yml").read_text()):
        (extras,) = re.findall(r"(?:/src|\.)\[([\w,]+)\]", text)
        assert set(extras.split(",")) <= PROJECT["optional-dependencies"].keys()
    assert re.search(r"python=(3\.\d+)", (ROOT / "environment.yml").read_text())[1] in " ".join(PROJECT["classifiers"])
