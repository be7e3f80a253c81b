"""`manage.py collect_messages`: the words for people, from code and templates into the catalogues.

Written on babel instead of the gettext programs, which a fresh machine does not have. Templates
are turned into Python by Django itself, then read like any module.
"""

import io
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

PACKAGES = ("onestop", "dossiers", "workflows", "notifications")
TEMPLATES = {".html", ".txt", ".xml", ".svg", ".typ"}
CONTEXT_FIRST = ((1, "c"), 2)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": CONTEXT_FIRST,
    "pgettext_lazy": CONTEXT_FIRST,
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


# Written by us: babel's own names the moment, so that every run would change the file.
HEADER = r"""# OneStop's words for people.
msgid ""
msgstr ""
"Project-Id-Version: OneStop\n"
"Language: {}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {}\n"

"""


class Command(BaseCommand):
    """Updates every catalogue; unused entries leave, new ones come untranslated."""

    help = "Collect the words for people into the catalogues."
    requires_system_checks: list[str] = []
    uses_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--fill` takes translations from JSON files: {"context\\u0004text": "translation"}."""
        parser.add_argument("--fill", nargs="*", default=[], type=Path, metavar="FILE.json")

    def handle(self, *args: Any, fill: list[Path], **options: Any) -> None:
        """Write the catalogues; say how many texts are still untranslated."""
        template = collected()
        for language in (code for code, _name in settings.LANGUAGES if code != "en"):
            path = settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"
            catalog = updated(path, language, template)
            for file in fill:
                fill_in(catalog, json.loads(file.read_text()))
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "wb") as written:
                written.write(HEADER.format(language, catalog.plural_forms).encode())
                write_po(written, catalog, 100, omit_header=True, ignore_obsolete=True)
            missing = [text.id for text in catalog if text.id and not translated(text.string)]
            self.stderr.write(f"{language}: {len(catalog)} texts, {len(missing)} untranslated")


def collected() -> Catalog:
    """Every text for people in the four packages."""
    catalog = Catalog()
    for path in sources():
        place = path.relative_to(settings.BASE_DIR).as_posix()
        for _line, text, comments, context in texts_of(path):
            catalog.add(text, None, [(place, 0)], auto_comments=comments, context=context)
    return catalog


def sources() -> Iterator[Path]:
    """Modules and templates of ours, in a fixed order."""
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*")):
            if path.suffix == ".py" or (path.suffix in TEMPLATES and "templates" in path.parts):
                yield path


def texts_of(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """The texts of one file, with the translators' comments before them."""
    text = path.read_text()
    if path.suffix != ".py":
        # Between brackets, where the indentation of a template means nothing to Python.
        text = f"({templatize(text, origin=str(path))}\n)"
    yield from extract("python", io.BytesIO(text.encode()), KEYWORDS, ["Translators:"])


def updated(path: Path, language: str, template: Catalog) -> Catalog:
    """The catalogue in `path` with exactly the texts of `template`, none of them guessed."""
    catalog = Catalog(locale=language)
    if path.exists():
        with open(path, "rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(template, no_fuzzy_matching=True)
    return catalog


def fill_in(catalog: Catalog, translations: dict[str, Any]) -> None:
    """Put in translations; a key may begin with its context and U+0004, plural forms are a list."""
    for key, translation in translations.items():
        context, _, identifier = key.rpartition("\u0004")
        message = catalog.get(identifier, context or None)
        if message is not None:
            forms = translation if isinstance(translation, list) else [translation]
            message.string = tuple(forms) if message.pluralizable else forms[0]


def translated(string: Any) -> bool:
    """Whether every form is there."""
    return all(string) if isinstance(string, list | tuple) else bool(string)
