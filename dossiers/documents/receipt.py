"""The receipt (giấy tiếp nhận hồ sơ và hẹn trả kết quả), form 01."""

from dossiers.documents.forms import FormKind
from dossiers.documents.papers import ReceiptPaper
from dossiers.documents.typesetting import typeset


def receipt(paper: ReceiptPaper) -> bytes:
    """Print form 01: two copies on one sheet with a cut line where they fit, else in turn."""
    return typeset(FormKind.RECEIPT, paper, on=paper.received_at)
