"""The control slip (phiếu kiểm soát quá trình giải quyết hồ sơ), form 06."""

from dossiers.documents.forms import FormKind
from dossiers.documents.papers import ControlSlipPaper
from dossiers.documents.typesetting import typeset


def control_slip(paper: ControlSlipPaper) -> bytes:
    """Print the control slip (form 06): who gave the dossier to whom, and when."""
    return typeset(FormKind.CONTROL_SLIP, paper, on=paper.printed_at)
