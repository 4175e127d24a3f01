"""Imports: bytes → rows → values → staging → judged by SQL → written set-based.

The engine knows no customers: kinds (what a file may hold) register themselves in the `ready` of their app.
"""
