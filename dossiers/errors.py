"""Refusals: one family of errors, each with a code and a sentence that edges render.

Subclasses say what the reader can do: get the right (`NotAllowed`), wait or do something else
first (`NotNow`), mend what was typed (`Invalid`), try again (`Conflict`), look elsewhere
(`Missing`). The sentence stays lazy until an edge knows the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    "not_allowed": _("You do not hold a role that may do this to this dossier."),
    "not_found": _("There is no such dossier."),
    "changed_meanwhile": _("Someone else changed this dossier a moment ago. Look at it again."),
    "wrong_status": _("This is not possible while the dossier is “%(status)s”."),
    "voided": _("This receipt was voided; nothing more can be done to it."),
    "before_last_act": _("The moment given lies before the last act on this dossier (%(last)s)."),
    "in_the_future": _("The moment given lies in the future."),
    "published_month": _(
        "The month of this moment has been published; it changes only by a revision."
    ),
    "late_entry_reason": _("An entry made later needs a reason."),
    "late_entry_supervisor": _(
        "An entry further back than the same working day needs a supervisor."
    ),
    "no_such_procedure": _("There is no procedure with this code in force on that day."),
    "limit_undecided": _(
        "The time limit of this procedure has not been decided yet; no dossier can be received."
    ),
    "no_definition": _("This procedure has no published workflow."),
    "not_offered": _("This agency does not answer for this procedure."),
    "unknown_case": _("This case is not one of the procedure's."),
    "case_needed": _("Choose the case: the papers differ by case."),
    "papers_missing": _(
        "Papers of the list are missing: %(papers)s. Say why this dossier does not need them, or "
        "give guidance instead."
    ),
    "paper_not_listed": _("This paper is not on the procedure's list."),
    "holder_needed": _("Say whose dossier it is."),
    "identity_wrong": _("This is not a valid identity or tax number."),
    "email_wrong": _("This is not a valid e-mail address."),
    "key_reused": _(
        "What was sent differs from what was sent before with the same key, which made dossier "
        "%(code)s."
    ),
    "arrived_already": _("The dossier is at the competent agency already."),
    "no_such_step": _("The dossier is not at this step."),
    "no_such_outcome": _("The step has no outcome “%(outcome)s”."),
    "returns_used_up": _("The dossier was sent back as often as the workflow allows."),
    "held_by_another": _("%(officer)s holds this step."),
    "not_held": _("Take the step up first."),
    "waits_for_counter": _("The result waits for the counter to take it over."),
    "not_at_counter": _("The result has not been handed to the counter."),
    "supplement_twice": _(
        "A supplement was asked for once already; the law allows one request in processing."
    ),
    "supplement_nothing": _("Pick at least one paper from the procedure's list."),
    "no_supplement": _("No supplement is waited for."),
    "reason_needed": _("Give the reason."),
    "unknown_reason": _("This reason is not on the list."),
    "not_answerable": _("Only the head of the unit answerable can explain this delay."),
    "no_breach": _("There is no such delay on this dossier."),
    "breach_annulled": _("This delay was annulled."),
    "already_accepted": _("The explanation was accepted already."),
    "not_explained": _("There is no explanation to judge."),
    "nothing_to_apologise": _(
        "An apology needs a limit that has passed or will pass within two working days."
    ),
    "apology_exists": _("An apology for this delay exists already."),
    "not_drafted": _("There is no draft to sign."),
    "no_letter": _("There is no such letter of apology."),
    "question_needed": _("Ask the question."),
    "no_record": _("There is no such record."),
    "noted_already": _("What was done has been noted already."),
    "not_to_hand_over": _("This letter does not wait to be handed over."),
    "unknown_way": _("Say how the letter was dealt with."),
    "note_needed": _("Note what was done."),
    "appointment_ended": _("The dossier has ended: no new appointment can be set."),
    "second_appointment": _("A new appointment was set once already; the law allows it only once."),
    "appointment_needed": _("Give the new appointment."),
    "appointment_past": _("The new appointment must lie in the future."),
    "appointment_day_off": _("The new appointment falls outside working hours."),
    "appointment_not_later": _("The new appointment must lie after the limit."),
    "result_ready": _("The result is ready: no new appointment can be set."),
    "no_such_agency": _("There is no such agency."),
    "nobody_there": _("Nobody holds the role this step needs."),
    "no_such_unit": _("There is no such unit, or it handles no dossiers."),
    "moved_nowhere": _("The dossier lies with this unit already."),
    "move_needs_supervisor": _(
        "Handing a dossier to another agency takes a supervisor above both agencies."
    ),
    # Moving to another version of the workflow
    "no_such_version": _("The procedure has no such version of its workflow in force."),
    "version_already": _("The dossier follows this version already."),
    "mapping_not_total": _("Nothing says what becomes of the step “%(step)s”."),
    "mapping_unknown": _("The new version has no step “%(step)s”."),
    "mapping_delivers": _(
        "A dossier waits at the counter exactly where the result is delivered: “%(step)s” does not "
        "fit."
    ),
    "mapping_nobody": _("At “%(step)s” nobody acts: a dossier cannot stand there."),
    "fee_amount": _("Give the amount in đồng, more than nothing."),
    "no_fee": _("No payment is waited for."),
    "opinion_question": _("Say what the opinion is asked about."),
    "opinion_days": _("Give between 1 and %(most)s working days for the opinion."),
    "asked_oneself": _("This unit holds the step itself; ask another one."),
    "opinion_asked_already": _("This unit has been asked and has not answered yet."),
    "opinion_needed": _("Write the opinion."),
    "opinion_waited": _(
        "The clock stands until an opinion comes in; take it in first, or go on without it."
    ),
    "no_opinion": _("No such opinion is waited for."),
    "not_asked": _("Only the unit that was asked can give this opinion."),
    "nothing_to_undo": _("There is nothing here that can be taken back."),
    "acted_upon": _("Something has been done since; this act can no longer be taken back."),
    "cannot_be_undone": _("“%(act)s” cannot be taken back."),
    "not_ones_own_act": _("Only who did it can take it back."),
    "already_told": _("A message about it has been sent; it can no longer be taken back."),
    "legal_ground_needed": _("Give the legal ground."),
    # Amending a calendar
    "calendar_not_yours": _(
        "Only the catalogue manager of this agency, or one above it, amends its calendar; the "
        "national one is amended for the whole city."
    ),
    "amendment_unreadable": _("This part of the amendment cannot be read: %(part)s."),
    "amendment_no_date": _("“%(given)s” is not a date between 2000 and 2100."),
    "amendment_no_hour": _("“%(given)s” are not hours like 08:00-12:00, 13:30-17:30."),
    "amendment_no_calendar": _("There is no such calendar or agency."),
    "amendment_nothing": _("This amendment changes nothing."),
    "amendment_no_source": _("Every entry needs its source: the act or dispatch with its number."),
    "amendment_no_hours": _("A calendar without any open hours would never end a limit."),
    "amendment_overlap": _("Hours of one day overlap, are empty or end before they begin."),
    "amendment_day_twice": _("%(day)s is named twice."),
    "amendment_not_there": _("%(day)s has no entry of this calendar's own to take back."),
    "amendment_off_already": _("%(day)s is a day off already."),
    "amendment_published": _(
        "The month %(month)s has been published. It changes only as a revision of that "
        "publication: have the publisher open one with its reason, then amend the calendar."
    ),
    "amendment_under_way": _(
        "Running clocks are still being counted again after the last amendment. Try again when "
        "that is done."
    ),
    "swap_half": _("A swap needs both days: the one off and the one worked instead."),
    "days_out_of_order": _("The last day lies before the first, or more than a year after it."),
    "swap_same_day": _("%(day)s cannot be off and worked at once."),
    "swap_off_not_worked": _("%(day)s is a day off already: it cannot be swapped away."),
    "swap_worked_already": _("%(day)s is a working day already: it cannot be worked in return."),
    "swap_taken": _("%(day)s is a holiday or belongs to another swap."),
}


class Refusal(Exception):
    """A command said no, and nothing was changed. `facts` fill the sentence; `fields` name what
    was typed wrongly, if anything was."""

    def __init__(
        self,
        code: str,
        /,
        *,
        fields: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.fields = dict(fields or {})

    @property
    def sentence(self) -> str:
        """The sentence in the language active now."""
        text = str(SENTENCES[self.code])
        return text % self.facts if self.facts else text

    def field_sentences(self) -> dict[str, str]:
        """Per field, its sentence in the language active now."""
        return {
            field: str(SENTENCES[code]) % self.facts if self.facts else str(SENTENCES[code])
            for field, code in self.fields.items()
        }

    def __str__(self) -> str:
        return self.sentence


class NotAllowed(Refusal):
    """Another role or place is needed."""


class NotNow(Refusal):
    """The dossier's state or the law does not allow it now."""


class Invalid(Refusal):
    """What was given is wrong; `fields` says where."""


class Conflict(Refusal):
    """Somebody was quicker; look again."""


class Missing(Refusal):
    """Not there, or not for this reader."""
