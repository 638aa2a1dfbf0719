"""Session replays: finding them, fetching their files, and telling what was done in them."""
