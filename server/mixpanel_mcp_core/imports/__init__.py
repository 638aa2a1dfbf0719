"""Events on their way into a project: checked, identified, packed and delivered."""
