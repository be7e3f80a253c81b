"""The supplement slip (phiếu yêu cầu bổ sung, hoàn thiện hồ sơ), form 02."""

from dossiers.documents.forms import FormKind
from dossiers.documents.papers import SupplementPaper
from dossiers.documents.typesetting import typeset


def supplement(paper: SupplementPaper) -> bytes:
    """Print form 02: the request for papers, or the guidance slip of someone sent away."""
    return typeset(FormKind.SUPPLEMENT, paper, on=paper.issued_at)
