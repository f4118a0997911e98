"""The HTTP API and the page: what the command line can do, over HTTP. Nothing is decided here."""
