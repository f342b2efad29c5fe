"""Answers as text, JSON, a page and a picture: what is said is decided below, how it looks is decided here.

Import what you need from the modules: each carries one form, and the heavy ones (rich, jinja2) load with theirs.
"""
