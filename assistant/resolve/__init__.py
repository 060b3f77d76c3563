"""From a reading to a typed query, a question back, or a refusal."""
