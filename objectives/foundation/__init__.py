"""The bottom layer: names, settings and user code, for every kind of entry; it loads without torch."""
