"""The paper's baselines: they see the whole view, and do not look first (section 5)."""
