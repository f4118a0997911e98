"""Found by every Python program that a measured test session starts, and by none otherwise."""

import agentverse_lines

agentverse_lines.follow()
