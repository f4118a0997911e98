"""Where replies come from: the chat protocol and its providers."""
