"""Targets that come with the program, a TOML file each; `benchmark.reproduce.target` reads them."""
