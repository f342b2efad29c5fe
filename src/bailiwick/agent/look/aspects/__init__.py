"""Sides of how a device looks, each made of what one tool lists: facts that stay the same while nobody changes them."""
