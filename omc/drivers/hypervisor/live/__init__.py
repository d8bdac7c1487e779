"""A host that is read again and again: one connection for what a scrape asks, one for what is kept fresh behind it."""
