"""How a share is written, in every sentence of the package and on every page."""


def percent(share: float, decimals: int = 0) -> str:
    """Write a share as a percentage, kept together by a no-break space.

    Args:
        share: 0 to 1.
        decimals: digits after the point.

    Returns:
        The number and the sign.

    Example:
        >>> percent(0.614), percent(0.614, 1)
        ('61\\xa0%', '61.4\\xa0%')
    """
    return f"{100 * share:.{decimals}f}\N{NO-BREAK SPACE}%"


def time_left(seconds: float) -> str:
    """Write an estimate, no finer than it is worth."""
    return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"
