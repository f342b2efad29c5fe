"""Frames and messages as bytes, and who sends and hears them."""
