"""The embedded backend: a prompt picks classes, a small network divides every time-frequency bin among all classes."""
