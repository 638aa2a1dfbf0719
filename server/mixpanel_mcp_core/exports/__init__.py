"""Exports into files: planned, fetched in parts, kept over interruptions, delivered whole."""
