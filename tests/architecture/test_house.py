"""The house keeps its order: directions, migrations, sizes, words, and who asks the clock."""

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

from onestop.management.commands.collect_messages import PACKAGES, collected, translated

HARD_FILE_LINES = 400
HARD_FUNCTION_LINES = 60
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((settings.BASE_DIR / package).rglob("*.py"))
    if "migrations" not in path.parts
]


def code_lines(text: str) -> set[int]:
    """Numbers of the lines that hold code: no blanks, comments or docstrings."""
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in quiet and token.type != tokenize.ENDMARKER:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def test_imports_have_one_direction():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_file_is_too_long():
    lengths = {str(path): len(code_lines(path.read_text())) for path in SOURCES}

    assert {path: n for path, n in lengths.items() if n > HARD_FILE_LINES} == {}


def test_no_function_is_too_long():
    too_long = []
    for path in SOURCES:
        text = path.read_text()
        lines = code_lines(text)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                length = len(lines & set(range(node.lineno, (node.end_lineno or 0) + 1)))
                if length > HARD_FUNCTION_LINES:
                    too_long.append(f"{path}:{node.name} {length}")

    assert too_long == []


def test_every_module_says_what_is_in_it():
    silent = [
        str(path)
        for path in SOURCES
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_packages_hold_no_code_but_models():
    full = [
        str(path)
        for path in SOURCES
        if path.name == "__init__.py" and path.parent.name != "models"
        if code_lines(path.read_text())
    ]

    assert full == []


def test_the_catalogue_is_current_and_every_text_is_translated():
    with open(settings.LOCALE_PATHS[0] / "vi" / "LC_MESSAGES" / "django.po", "rb") as file:
        catalogue = read_po(file, locale="vi")
    wanted = {(message.id, message.context) for message in collected() if message.id}
    there = {
        (message.id, message.context)
        for message in catalogue
        if message.id and translated(message.string) and not message.fuzzy
    }

    assert wanted - there == set()
    assert there - wanted == set()


def test_every_setting_read_from_the_environment_is_in_the_readme():
    tree = ast.parse((settings.BASE_DIR / "onestop" / "settings.py").read_text())
    names = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    readme = (settings.BASE_DIR / "README.md").read_text()

    assert names
    assert {name for name in names if f"`{name}`" not in readme} == set()
