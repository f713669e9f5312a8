"""The engine: trains a group of members of one game as one vectorised program.

The same group gives the same bits, on the same machine and number of threads, and after an interrupt too. A member's
draws depend on its seed alone, but not its sums: batched products round otherwise for another number of members. Games
are chaotic, so a last bit grows, and one seed scores otherwise in another group: another draw of the same experiment.
"""
