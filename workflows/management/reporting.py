"""How the commands of the catalogue end: the report on standard output or in a file, the exit
status, one line for what cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workflows.catalogue.report import Report


def unreadable(path: Path, fault: object) -> CommandError:
    """The error (exit status 2) for input that cannot be read; nothing has been changed."""
    return CommandError(
        _("%(file)s cannot be read: %(fault)s") % {"file": path, "fault": fault}, returncode=2
    )


def check_writable(report: Path | None) -> None:
    """Make sure, before anything is changed, that the report can be written.

    Raises: CommandError with status 2.
    """
    if report is None:
        return
    folder = report.parent
    writable = os.access(report, os.W_OK) if report.exists() else os.access(folder, os.W_OK)
    if report.is_dir() or not folder.is_dir() or not writable:
        raise CommandError(_("%(file)s cannot be written") % {"file": report}, returncode=2)


def finish(report: Report, path: Path | None, command: BaseCommand) -> None:
    """Print the report as JSON, or write it to `path`; exit status 1 if anything was refused."""
    text = json.dumps(report.as_data(), ensure_ascii=False, indent=1)
    if path is None:
        command.stdout.write(text)
    else:
        path.write_text(text + "\n", encoding="utf-8")
    if report.refused:
        raise SystemExit(1)
