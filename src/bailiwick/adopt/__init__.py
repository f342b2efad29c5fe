"""A router that runs to a first home file: what it means, in the fewest words that say exactly that."""

from bailiwick.adopt.adoption import Adopted, NoHome, adopt
from bailiwick.adopt.facts import Facts

__all__ = ["Adopted", "Facts", "NoHome", "adopt"]
