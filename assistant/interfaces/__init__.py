"""the doors to people and programs."""
