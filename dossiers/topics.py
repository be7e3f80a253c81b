"""The messages this application sends: their codes, contexts and channels.

Topics that a letter hangs on register, at start-up, how the file is made and who hears whether it
arrived (`dossiers.apps`).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.topics import Topic, register

OF_CITIZEN = ("email",)
OF_STAFF = ("inapp",)
DOSSIER = frozenset({"code", "procedure", "agency", "phone", "link"})

_EXAMPLE = {
    "code": "H26.12-261123-0001",
    "procedure": "Đăng ký khai sinh",
    "agency": "UBND phường Ba Đình",
    "phone": "024 0000 0000",
    "link": "/t/abc/",
}


def _topic(code, label, keys, channels, example, **more):  # type: ignore[no-untyped-def]
    return register(
        Topic(
            code=code,
            label=label,
            context_keys=DOSSIER | set(keys),
            channels=channels,
            subject=f"dossiers/messages/{code}.subject.txt",
            body=f"dossiers/messages/{code}.body.txt",
            example=_EXAMPLE | example,
            **more,
        )
    )


_MOMENT = "2026-11-27T10:30:00+00:00"


def declare() -> None:
    """Enter the topics; called once at start-up."""
    _topic("received", _("Dossier received"), ["promised_at"], OF_CITIZEN, {"promised_at": _MOMENT})
    _topic(
        "supplement_requested",
        _("Supplement requested"),
        ["papers", "until_at"],
        OF_CITIZEN,
        {"papers": "Bản vẽ", "until_at": _MOMENT},
    )
    _topic(
        "supplied",
        _("Supplement accepted"),
        ["promised_at"],
        OF_CITIZEN,
        {"promised_at": _MOMENT},
    )
    _topic("result_ready", _("Result ready"), [], OF_CITIZEN, {})
    _topic("discontinued", _("Dossier discontinued"), [], OF_CITIZEN, {})
    _declare_fees()
    _declare_handing_on()
    _declare_amended()
    _declare_arrival()


def _declare_fees() -> None:
    _topic(
        "payment_requested",
        _("Payment requested"),
        ["amount", "until_at"],
        OF_CITIZEN,
        {"amount": 500_000, "until_at": _MOMENT},
    )
    _topic("paid", _("Payment received"), ["promised_at"], OF_CITIZEN, {"promised_at": _MOMENT})


def _declare_handing_on() -> None:
    """Between units: a dossier handed on, an opinion asked and given."""
    _topic("moved", _("Another agency answers"), [], OF_CITIZEN, {})
    _topic("moved_here", _("Handed to your unit"), [], OF_STAFF, {})
    _topic("opinion_asked", _("Opinion asked for"), ["limit_at"], OF_STAFF, {"limit_at": _MOMENT})
    _topic("opinion_given", _("Opinion given"), [], OF_STAFF, {})


def _declare_arrival() -> None:
    """Received at another territory's counter, it is where it is answered: the day is promised."""
    said = {"promised_at": _MOMENT}
    _topic("arrived", _("At the competent agency"), ["promised_at"], OF_CITIZEN, said)


def _declare_amended() -> None:
    """A calendar was amended: another day is promised, another last day holds."""
    _topic(
        "recalendared",
        _("Another day promised"),
        ["before_at", "promised_at"],
        OF_CITIZEN,
        {"before_at": _MOMENT, "promised_at": "2026-11-30T10:30:00+00:00"},
    )
    _topic("term_moved", _("Another last day"), ["until_at"], OF_CITIZEN, {"until_at": _MOMENT})


def declare_reminders(still_true) -> None:  # type: ignore[no-untyped-def]
    """Enter the rungs of the ladder, with the look that keeps an untrue reminder back."""
    about = {"clock": 0, "of": "dossier", "rung": "", "promise": 1, "limit_at": _MOMENT}
    said = {"limit_at": _MOMENT, "about": about | {"step": None, "officer": None}}
    for code, label in (
        ("due_soon", _("Due soon")),
        ("due_today", _("Due today")),
        ("breached", _("Limit passed")),
        ("unexplained", _("Delay not explained")),
        ("apology_overdue", _("Apology overdue")),
    ):
        _topic(code, label, ["limit_at", "about"], OF_STAFF, said, still_true=still_true)
    _topic(
        "awaited",
        _("Awaited from the applicant"),
        ["until_at", "about"],
        OF_CITIZEN,
        {"until_at": _MOMENT, "about": said["about"]},
        still_true=still_true,
    )
    _topic(
        "uncollected",
        _("Result not collected"),
        ["ready_at", "about"],
        OF_CITIZEN,
        {"ready_at": _MOMENT, "about": said["about"]},
        still_true=still_true,
    )


def _declare_repeated() -> None:
    """Of no one dossier: it speaks of a unit, or of an officer."""
    register(
        Topic(
            code="repeated_lateness",
            label=_("Repeated lateness"),
            context_keys=frozenset({"agency", "unit", "officer", "cases", "since_at", "link"}),
            channels=OF_STAFF,
            subject="dossiers/messages/repeated_lateness.subject.txt",
            body="dossiers/messages/repeated_lateness.body.txt",
            example={
                "agency": "UBND phường Ba Đình",
                "unit": "Phòng Kinh tế, Hạ tầng và Đô thị",
                "officer": "Đỗ Minh Khôi",
                "cases": 3,
                "since_at": _MOMENT,
                "link": "/work/board/repeated/1/",
            },
        )
    )


def _declare_annulled() -> None:
    _topic(
        "apology_annulled",
        _("Apology annulled"),
        ["number", "promised_at"],
        OF_CITIZEN,
        {"number": "07/2026/PXL", "promised_at": _MOMENT},
    )


def declare_apology(attachment, settled) -> None:  # type: ignore[no-untyped-def]
    """Enter the apology's topic with its letter and with who hears whether it arrived."""
    _declare_annulled()
    _declare_repeated()
    _topic(
        "apology",
        _("Apology"),
        ["apology", "new_promise_at", "closing", "reason"],
        OF_CITIZEN,
        {"apology": 0, "new_promise_at": _MOMENT, "closing": "appointment", "reason": "…"},
        attachment=attachment,
        settled=settled,
    )
