"""The two libraries that can compute the embedded engine, side by side (``make bench-runtime``)."""
