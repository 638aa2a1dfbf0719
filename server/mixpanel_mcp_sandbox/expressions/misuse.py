"""What functions raise for arguments that can have no value."""


class Misuse(Exception):
    """A function cannot be given an argument that is written so; the text says why."""
