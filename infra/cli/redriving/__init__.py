"""Dead letters: looked at, put back where they came from, or what failed called again."""
