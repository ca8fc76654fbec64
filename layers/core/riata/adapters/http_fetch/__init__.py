"""`riata.ports.UrlFetch`: the one HTTP client for URLs that callers give, safe against server-side request forgery."""

from riata.adapters.http_fetch.client import HttpFetch

__all__ = ["HttpFetch"]
