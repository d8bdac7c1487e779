"""`omc schema`: the JSON Schema of what omc prints as JSON."""
