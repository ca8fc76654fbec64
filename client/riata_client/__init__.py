"""A small typed client of the service (``client.Client``) and the ``riata`` command (``cli``)."""
