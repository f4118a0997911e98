"""Programs that go on in a box while others are run beside them: sessions, and what a person uses a product with."""
