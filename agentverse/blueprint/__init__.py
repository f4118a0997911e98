"""The YAML a user writes: its models, loading with located errors, and its JSON Schema."""
