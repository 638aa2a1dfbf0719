"""Long results that are kept for a day: read on, asked with SQL, written to files."""
