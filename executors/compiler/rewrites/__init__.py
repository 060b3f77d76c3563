"""rewrites of plans, one per module: a plan in, an equivalent plan out."""
