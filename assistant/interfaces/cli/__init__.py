"""The commands: thin doors onto the line."""
