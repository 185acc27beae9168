"""Details of what a provider only told that it is there: asked for, and kept in raw."""
