"""Programs that measure what the documentation says of speed and memory; run from a checkout, no part of the wheel.

engine        the engine against a plain PyTorch loop
groups        how many members should train together
cost          what training costs, for each objective of a suite
evaluators    the evaluators beside their peers (cases, memory)
"""
