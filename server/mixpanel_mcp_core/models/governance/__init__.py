"""Data governance: what is kept, computed, joined, checked and deleted; one module a domain."""
