"""accepted recommendations."""
