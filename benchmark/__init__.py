"""The benchmark of GAN objectives: problems, engine, runner, store, leaderboards, command line.

From Python: `from benchmark import api`.
"""
