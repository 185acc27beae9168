"""Footage on request: claimed, asked for, waited for, stored, and accounted for."""
