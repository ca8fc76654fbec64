"""The domain: plain objects and rules. Imports the standard library only."""
