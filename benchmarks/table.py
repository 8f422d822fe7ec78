"""Figures as people read them."""

from collections.abc import Sequence
from statistics import median

Cell = str | float | int | None


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """``rows`` under ``head``, the first column to the left, numbers to the right; None is left empty."""
    shown = [list(head), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in shown) for i in range(len(head))]
    shown.insert(1, ["-" * width for width in widths])
    lines = ["  ".join(_aligned(cell, widths[i], i) for i, cell in enumerate(row)) for row in shown]
    return "\n".join(line.rstrip() for line in lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie; nan of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    """The median of repeated measurements."""
    return median(values)


def spread(values: Sequence[float]) -> str:
    """The least and the most, where there are several."""
    return f"{min(values):,.0f}-{max(values):,.0f}" if len(values) > 1 else ""


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell != cell:
        return "-"
    digits = 0 if isinstance(cell, int) or abs(cell) >= 100 else 1 if abs(cell) >= 10 else 2
    return f"{cell:,.{digits}f}"
