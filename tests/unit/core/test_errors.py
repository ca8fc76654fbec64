"""The error tree is what its docstring draws."""

import inspect
import re

import pytest

from riata import errors
from riata.errors import RequestError, RequestFailed, RiataError, SeparationFailed

DRAWN = re.compile(r"^[ │├└─]*[├└]── (?P<name>\w+)\s*(?P<text>.*)$")
CLASSES = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RiataError)}
ANSWERS = [n for n, k in CLASSES.items() if issubclass(k, RequestError) and k not in (RequestError, RequestFailed)]
# A class without a code of its own takes it from each instance.
FAILURES = [n for n, k in CLASSES.items() if issubclass(k, SeparationFailed) and "code" in vars(k) and k is not SeparationFailed]


def drawn_tree() -> dict[str, tuple[str, str]]:
    """Class name → (name of its parent, what is written beside it)."""
    tree, path = {}, [(-1, "RiataError")]
    for line in (errors.__doc__ or "").splitlines():
        match = DRAWN.match(line)
        if match:
            depth = match.start("name")
            while path[-1][0] >= depth:
                path.pop()
            tree[match["name"]] = (path[-1][1], match["text"])
            path.append((depth, match["name"]))
    return tree


def test_the_drawing_names_every_class_under_its_parent():
    drawn = {name: parent for name, (parent, _) in drawn_tree().items()}
    real = {name: kind.__bases__[0].__name__ for name, kind in CLASSES.items() if kind is not RiataError}
    assert drawn == real


@pytest.mark.parametrize("name", ANSWERS)
def test_the_drawing_gives_each_answer_its_status_and_code(name):
    kind = CLASSES[name]
    assert drawn_tree()[name][1].startswith(f"{kind.status} {kind.default_code}")


@pytest.mark.parametrize("name", FAILURES)
def test_the_drawing_gives_each_failure_its_code(name):
    assert drawn_tree()[name][1].split(" ")[0].strip(":,") == CLASSES[name].code


def test_codes_of_failures_are_unique():
    codes = [CLASSES[name].code for name in FAILURES]
    assert len(codes) == len(set(codes))
