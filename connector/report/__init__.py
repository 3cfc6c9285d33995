"""Report runs, objects and errors to people and programs."""
