"""The one-machine runner: MiniStack, the deployed template, the worker and the edge, kept alive by one supervisor.

Layers, top to bottom: ``launch`` (what the ``riata`` command calls) → ``supervisor`` (the process that owns the
children) → ``ministack``, ``deploy``, ``snapshot``, ``workers``, ``edge`` → ``processes``, ``ports``, ``home``.
"""
