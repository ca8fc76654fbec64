"""Riata's shared package: the domain, the use cases, the adapters and the two HTTP contracts.

It is the Lambda layer and the pip-installed package alike; it never imports torch.
"""

__version__ = "0.1.0"
