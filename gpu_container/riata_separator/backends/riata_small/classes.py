"""The sound classes the network knows; the words for them are read by :mod:`riata.understanding`."""

MUSIC = ("piano", "guitar", "bass", "strings", "brass", "woodwind", "organ", "synth", "drums", "vocals")
OTHER = ("speech", "dog", "birds", "crowd", "noise", "vehicle")
CLASSES = MUSIC + OTHER
"""In the order of the network's outputs."""
