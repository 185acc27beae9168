"""What needs an operator: looked for by the clock and by `telematics status`, by the same code."""
