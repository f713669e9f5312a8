"""The catalogue: the kinds of entries, the entries of each kind, and the contract that each kind must satisfy."""
