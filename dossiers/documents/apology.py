"""The apology (văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết), form 04."""

from dossiers.documents.forms import FormKind
from dossiers.documents.papers import ApologyPaper
from dossiers.documents.typesetting import typeset


def apology(paper: ApologyPaper) -> bytes:
    """Print form 04: the apology with the new appointment, or with the word to come and collect."""
    return typeset(FormKind.APOLOGY, paper, on=paper.issued_at)
