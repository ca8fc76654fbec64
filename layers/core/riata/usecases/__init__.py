"""What Riata does, one module per concern; each use case is a dataclass of the ports it needs."""
