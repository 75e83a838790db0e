"""How well one colour stands out from another."""

__all__ = ["contrast"]


def contrast(one: tuple[float, ...] | str, other: tuple[float, ...] | str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.

    Parameters
    ----------
    one, other : tuple of float or str
        Red, green, blue from 0 to 1, or ``"#rrggbb"``.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 6), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, ...] | str) -> float:
    """Relative luminance of an sRGB colour."""
    if isinstance(colour, str):
        colour = tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
