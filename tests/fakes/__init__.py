"""In-memory stand-ins for every port of `riata.ports`.

They raise `ConditionFailed` exactly where the adapters do; ``tests/integration/aws`` runs one suite against both to prove it.
"""
