"""The product looked at as a person would: its window, its screen, its page, what it prints."""
