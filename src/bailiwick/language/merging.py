"""``include``: the files of one home as one node tree, every node with the place in its own file."""

from __future__ import annotations

from bailiwick.language.diagnostic import Diagnostic, Label
from bailiwick.language.shapes import Section, Shape, home_shape
from bailiwick.language.sources import Sources, Unopened
from bailiwick.language.span import Span
from bailiwick.language.tree import MappingNode, NotYaml, ScalarNode, SequenceNode, YamlNode, compose, place

_DEEPEST = 16


def compose_all(sources: Sources, main: str) -> tuple[MappingNode | None, list[Diagnostic]]:
    """The merged root, None when some file could not be read, and what is wrong."""
    merger = _Merger(sources)
    root = merger.file(main, Span(main, 1, 1, 1, 2), ())
    return (None if merger.unread else root), merger.faults


class _Merger:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.faults: list[Diagnostic] = []
        self.unread = False

    def file(self, name: str, asked: Span, above: tuple[str, ...]) -> MappingNode | None:
        try:
            root = compose(self._sources.text(name), name)
        except Unopened as why:
            self.faults.append(why.diagnostic(asked))
            self.unread = True
            return None
        except NotYaml as why:
            self.faults.append(why.diagnostic)
            self.unread = True
            return None
        for target in self._includes(root):
            other = self._sources.beside(name, target.value)
            if other in (*above, name):
                self.faults.append(
                    Diagnostic(
                        "include-loop", f"`{other}` includes itself, by way of others or directly.", place(target)
                    )
                )
                continue
            if other in self._sources.texts:
                self.faults.append(
                    Diagnostic("include-repeated", f"`{other}` is included twice.", place(target), "keep one of them")
                )
                continue
            if len(above) >= _DEEPEST:
                message = f"Files include each other more than {_DEEPEST} deep."
                self.faults.append(Diagnostic("include-loop", message, place(target)))
                continue
            included = self.file(other, place(target), (*above, name))
            if included is not None:
                self._merge(root, included, home_shape())
        return root

    def _includes(self, root: MappingNode) -> list[ScalarNode]:
        """The names of the files to include; a fault in them is left to the reader."""
        for key, value in root.value:
            if isinstance(key, ScalarNode) and key.value == "include":
                items = value.value if isinstance(value, SequenceNode) else [value]
                return [item for item in items if isinstance(item, ScalarNode) and item.value]
        return []

    def _merge(self, into: MappingNode, other: MappingNode, shape: Shape) -> None:
        """Sections by key, lists appended; the same key in both is a fault that names both."""
        there = {key.value: (key, value) for key, value in into.value if isinstance(key, ScalarNode)}
        for key, value in other.value:
            word = key.value if isinstance(key, ScalarNode) else ""
            if word == "include" and isinstance(shape, Section) and shape.name == "Home":
                continue
            if word not in there:
                into.value.append((key, value))
                continue
            first_key, first = there[word]
            entry = shape.entries.get(word) if isinstance(shape, Section) else None
            if entry is None or not self._joined(first, value, entry.shape):
                self._twice(key, first_key)

    def _joined(self, first: YamlNode, second: YamlNode, shape: Shape) -> bool:
        """False when the two cannot become one."""
        if isinstance(first, MappingNode) and isinstance(second, MappingNode):
            self._merge(first, second, shape)
            return True
        if isinstance(first, SequenceNode) and isinstance(second, SequenceNode):
            first.value.extend(second.value)
            return True
        return False

    def _twice(self, key: YamlNode, first: YamlNode) -> None:
        label = Label(place(first), "first here")
        self.faults.append(
            Diagnostic("duplicate-key", f"`{key.value}` stands in two files.", place(key), "keep one of them", (label,))
        )
