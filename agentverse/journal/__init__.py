"""The journal: what happened in a run, as typed events in a store that survives a crash at any instant."""
