"""What changes: told before it is sent, written down, compared with what is there, and undone."""
