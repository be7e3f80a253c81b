"""`manage.py export_definition CODE` writes a procedure's workflow as JSON, YAML or BPMN 2.0."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workflows.interchange import bpmn_writing
from workflows.models import Definition


class Command(BaseCommand):
    """Writes one definition to standard output; the version in force unless another is named."""

    help = "Write the workflow definition of a procedure as JSON, YAML or BPMN 2.0."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="national code of the procedure")
        parser.add_argument("--number", type=int, help="version of the definition")
        parser.add_argument("--format", choices=["json", "yaml", "bpmn"], default="json")

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
        if options["format"] == "bpmn":
            written = bpmn_writing.write(
                found.body, name=found.procedure.name, procedure=found.procedure.code
            )
            sys.stdout.buffer.write(written + b"\n")
            return
        entry = {"procedure": found.procedure.code, "definition": found.body}
        if options["format"] == "json":
            self.stdout.write(json.dumps(entry, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False))
