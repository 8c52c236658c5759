import importlib
import inspect
import pkgutil
import re

import pytest

import jisr
from jisr import errors
from jisr.errors import InvalidRequest, JisrError

ALL = [it for _, it in inspect.getmembers(errors, inspect.isclass) if issubclass(it, JisrError)]


def tree(kind: type[JisrError], depth: int = 0) -> list[tuple[int, str, str]]:
    about = (inspect.getdoc(kind) or "").splitlines()[0]
    below = [row for child in kind.__subclasses__() for row in tree(child, depth + 1)]
    return [(depth, kind.__name__, about), *below]


def kinds(kind: type[JisrError]) -> set[type[JisrError]]:
    return {kind}.union(*map(kinds, kind.__subclasses__()))


def test_each_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in ALL]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[a-z_]+", code) for code in codes)


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"^( *)[*x-] (\w+)", errors.__doc__ or "", re.MULTILINE)

    depths = {"": 0, "  ": 1, "    ": 2}
    assert [(depths[indent], name) for indent, name in drawn] == [
        row[:2] for row in tree(JisrError)
    ]


def modules() -> list[str]:
    found = pkgutil.walk_packages(jisr.__path__, "jisr.")
    return [module.name for module in found if not module.name.endswith("__main__")]


def test_every_error_of_the_package_is_in_the_one_module() -> None:
    for module in modules():
        importlib.import_module(module)

    ours = {kind for kind in kinds(JisrError) if kind.__module__.split(".")[0] == "jisr"}
    assert ours == set(ALL)


@pytest.mark.parametrize("kind", ALL)
def test_an_error_says_what_it_was_given(kind: type[JisrError]) -> None:
    assert str(kind("لا يوجد نموذج. Pull one.")) == "لا يوجد نموذج. Pull one."
    assert inspect.getdoc(kind)


def test_an_invalid_request_names_the_field_at_fault() -> None:
    assert InvalidRequest("no", param="seed").param == "seed"
    assert InvalidRequest("no").param is None
