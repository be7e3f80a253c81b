"""`manage.py export_definition CODE` writes a procedure's workflow as JSON, YAML or BPMN 2.0."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workflows.catalogue.exporting import TYPES, written
from workflows.models import Definition


class Command(BaseCommand):
    """Writes one definition to standard output; the version in force unless another is named."""

    help = "Write the workflow definition of a procedure as JSON, YAML or BPMN 2.0."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="national code of the procedure")
        parser.add_argument("--number", type=int, help="version of the definition")
        parser.add_argument("--format", choices=list(TYPES), default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        kept = Definition.objects.filter(procedure__code=options["code"])
        wanted = (
            kept.filter(version=options["number"])
            if options["number"] is not None
            else kept.filter(state=Definition.State.PUBLISHED)
        )
        found = wanted.select_related("procedure").first()
        if found is None or found.procedure is None:
            raise CommandError(
                _("Procedure %(code)s has no such definition.") % {"code": options["code"]},
                returncode=2,
            )
        content = written(found, options["format"])
        if options["format"] == "bpmn":
            sys.stdout.buffer.write(content)  # XML says its own encoding
        else:
            self.stdout.write(content.decode(), ending="")
