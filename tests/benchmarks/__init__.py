"""Measurements, each a ratio of two things run side by side; never part of the tests."""
