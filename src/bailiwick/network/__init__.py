"""The nouns of a home, resolved: every name looked up, every address written out, nothing decided.

``resolve.resolve`` is the entry. It brings the home file's schema: what says a place's name alone need not wait for it.
"""
