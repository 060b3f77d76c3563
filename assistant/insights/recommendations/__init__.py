"""what to do about a finding."""
