"""Rules that come with the product, one file for each kind; the conditions that end a conversation are in `stops`."""
