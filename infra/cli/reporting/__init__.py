"""The dossier of a collision: one page that asks nobody anything, and its charts."""
