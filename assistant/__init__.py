"""the conversation."""
