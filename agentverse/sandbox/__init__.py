"""Where model-written code runs: the sandbox protocol, its backends, and evidence of what ran."""
