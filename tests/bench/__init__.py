"""Benchmarks; ``make bench-api`` writes ``api.json`` and ``api.md`` here."""
