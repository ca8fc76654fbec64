"""AudioLasso v1: the native API, as in ``openapi.json`` and the overlay ``openapi.riata.json`` beside it."""
