"""The notice of an end at the applicant's request (thông báo dừng giải quyết hồ sơ), form 05."""

from dossiers.documents.forms import FormKind
from dossiers.documents.papers import StopPaper
from dossiers.documents.typesetting import typeset


def stop(paper: StopPaper) -> bytes:
    """Print form 05: the notice that a dossier ends at the applicant's own request."""
    return typeset(FormKind.STOP, paper, on=paper.issued_at)
