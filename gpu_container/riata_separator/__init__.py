"""The separation engine: media in, target and residual out, by one of several backends.

Importing this package is cheap: onnxruntime or torch is imported when a backend is loaded.
"""
