"""The refusal (phiếu từ chối tiếp nhận, giải quyết hồ sơ), form 03."""

from dossiers.documents.forms import FormKind
from dossiers.documents.papers import RefusalPaper
from dossiers.documents.typesetting import typeset


def refusal(paper: RefusalPaper) -> bytes:
    """Print form 03: the refusal to receive or to grant, with its ground."""
    return typeset(FormKind.REFUSAL, paper, on=paper.issued_at)
