"""What an agent keeps of what it heard, and what it is shown of it before its turn."""
