"""Texts as vectors, for what looks things up by meaning: a server's, LangChain's, or hashing that needs neither."""
