"""The two HTTP contracts. The facades never import each other; both stand on `riata.api.http`."""
