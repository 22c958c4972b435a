"""A small PDF of one page, for the contract of an example."""

from collections.abc import Sequence
from typing import Final

_OBJECTS: Final = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    " /Resources << /Font << /F1 5 0 R >> >> >>",
)
_FONT: Final = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def small_pdf(lines: Sequence[str]) -> bytes:
    """One A4 page with the lines from its top; characters beyond Latin-1 become `?`."""
    shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
    content = f"BT /F1 12 Tf 16 TL 60 780 Td {shown} ET"
    stream = f"<< /Length {len(_bytes(content))} >>\nstream\n{content}\nendstream"
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate((*_OBJECTS, stream, _FONT), 1):
        offsets.append(len(out))
        out += _bytes(f"{number} 0 obj\n{body}\nendobj\n")
    size = len(offsets) + 1
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + _bytes(start + trailer)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")
