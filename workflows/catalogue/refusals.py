"""Refusals of the commands on workflow definitions: a code, facts, and the sentence for people."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    "not_allowed": _("Only a catalogue manager of the whole city may do this."),
    "no_such_definition": _("This definition is not there any more."),
    "no_such_procedure": _("There is no procedure with the code %(procedure)s."),
    "changed_meanwhile": _("Somebody else changed this draft meanwhile."),
    "not_a_draft": _("This version is no draft: it cannot be changed. Begin a new draft from it."),
    "not_checked": _("Only a checked definition is published."),
    "not_attached": _("This draft belongs to no procedure yet."),
    "attached_already": _("This draft belongs to a procedure already."),
    "same_as_in_force": _("This is the version in force already."),
    "day_has_passed": _("This day has passed."),
    "not_in_force": _("This version is not in force."),
    "malformed": _("%(place)s: %(expected)s is expected here."),
    "unpublishable": _("The definition has faults that hinder publishing."),
}


class Refused(ValueError):
    """A command on a definition that cannot be done; `sentence` says why in the reader's
    language."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)

    @property
    def sentence(self) -> str:
        """Why, in the reader's language."""
        return str(SENTENCES[self.code]) % self.facts
