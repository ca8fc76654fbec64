"""The local edge: what CloudFront and the custom domain are in production, on one pinned loopback port."""
