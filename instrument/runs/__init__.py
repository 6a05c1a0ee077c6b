"""Runs: what a show said, recorded to disk and played back. Nothing downstream can tell the difference."""
