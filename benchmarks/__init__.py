"""Measurements of what the product costs; never part of the tests."""
