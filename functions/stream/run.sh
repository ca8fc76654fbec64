#!/bin/sh
# The Lambda Web Adapter starts this and forwards the gateway's calls to it.
exec python -m uvicorn --host 127.0.0.1 --port "${AWS_LWA_PORT:-8080}" --log-level warning app:app
