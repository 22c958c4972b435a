"""A contract is put behind the PDF of its plan, page by page.

Apart from `render`: workers set letters, and spare themselves the import of pypdf.
"""

import io

from pypdf import PdfReader, PdfWriter


class UnreadableContract(Exception):
    """The stored contract is no PDF that pages can be taken from."""


def with_contract(pdf: bytes, contract: bytes) -> bytes:
    """The plan with the contract's pages behind it. Raises `UnreadableContract`."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    try:
        writer.append(PdfReader(io.BytesIO(contract)), import_outline=False)
        whole = io.BytesIO()
        writer.write(whole)
    except Exception as error:
        # whatever a reader of somebody else's broken PDF stumbles over
        raise UnreadableContract from error
    return whole.getvalue()
