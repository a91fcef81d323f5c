"""Follow one object: a glimpse that moves with it, filters that know it, a memory of it."""
