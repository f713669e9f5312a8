"""Suites that come with the program, a TOML file each; `benchmark.runner.suite` reads them."""
