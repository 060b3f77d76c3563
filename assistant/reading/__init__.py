"""From a question to a reading: spans of words, and the best cover of them."""
