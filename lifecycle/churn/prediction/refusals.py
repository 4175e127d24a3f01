"""How prediction says no."""


class CannotFit(ValueError):
    """A method found no parameters: the figures are degenerate."""


class TooLittle(Exception):
    """A method does not apply here; the words say what is missing."""
