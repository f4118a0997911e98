"""Third-party packages for products: what is wanted, what is allowed, and how it is got and shown."""
