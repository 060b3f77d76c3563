"""definitions as frozen values."""
