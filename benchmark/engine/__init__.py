"""The engine: trains a group of members of one game as a single vectorised program.

The same group gives bit-identical results on the same machine with the same number of threads, also after an
interruption. A member's draws depend only on its seed, but its rounding does not: batched products round differently
for another number of members. Games are chaotic, so the last bit grows, and a seed scores differently in another group:
that is another draw of the same experiment.
"""
