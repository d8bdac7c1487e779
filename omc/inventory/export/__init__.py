"""The inventory in other tools' words: one file an export, pure functions from the model to text or data."""
