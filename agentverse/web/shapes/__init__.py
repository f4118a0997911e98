"""What goes over HTTP, as pydantic models; `docs/api.md` describes the routes."""
