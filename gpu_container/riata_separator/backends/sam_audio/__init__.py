"""Meta's SAM-Audio behind the engine's seam (Shi et al., "SAM Audio: Segment Anything in Audio", 2025)."""
