"""what a metric means."""
