"""what must survive: answers, actions, wishes."""
