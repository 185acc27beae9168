"""Erasure: of some people, everything that is kept of them, wherever it is; and the proof."""
