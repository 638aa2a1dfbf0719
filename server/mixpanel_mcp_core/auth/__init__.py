"""Accounts, how they authorise a request, and which one a call uses."""
