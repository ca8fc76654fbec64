"""The whole local stack while its parts are killed; ``make chaos`` writes ``chaos.md`` here."""
