"""The chat page: questions, the answer card, action items."""
