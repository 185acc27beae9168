"""What the provider can do wrong, what the user sees of it, and that nothing is lost.

Each fault has a day of its own; the day is asked for while the provider misbehaves, and again when
it behaves: in the end every file is loaded.
"""
