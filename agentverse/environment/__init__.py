"""How agents share a conversation: seats and rules."""
