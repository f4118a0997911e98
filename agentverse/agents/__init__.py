"""An agent's turn: prompt layout, reading and repairing replies."""
