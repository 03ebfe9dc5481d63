"""How values are shown. None of these makes HTML: Jinja escapes what they give."""

from flask import current_app

EXCERPT = 80


def price(cents):
    """123450 as 1,234.50 EUR."""
    return f"{cents / 100:,.2f} {current_app.config['CURRENCY']}"


def day(date):
    """A date as 3 May 2027. strftime("%d") would give 03."""
    return f"{date.day} {date:%B %Y}"


def excerpt(text):
    """A text of at most 80 characters. They are counted before anything is escaped."""
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def init_app(app):
    for function in (price, day, excerpt):
        app.add_template_filter(function)
