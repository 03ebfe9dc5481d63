"""How surely what a value is given to makes a secret of it: a sink, a name, any container."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from grader.inspect.secrets.finding import Severity
from grader.inspect.secrets.names import names_itself, snake
from grader.inspect.secrets.values import is_common, is_label, is_placeholder, is_weak, looks_random


class Sink(Enum):
    """Where a value goes."""

    CERTAIN = "certain"
    """It logs in, signs or configures: whatever it looks like, it is used."""
    NAMED = "named"
    """A variable, parameter or comparison that is called like a secret."""
    LOOSE = "loose"
    """A container or function that nothing is known of: the value has to look like a secret."""
    MESSAGE = "message"
    """Messages, labels, columns, schemas: it is read by people, or describes a field."""


MESSAGES = re.compile(
    r"ERRORS?|ERR|ERRS|MESSAGES?|MSGS?|LABELS?|COLUMNS?|COLS?|FIELDS?|SCHEMAS?|TYPES?|RULES?|HINTS?|HELP"
    r"|PLACEHOLDERS?|ICONS?|ATTRS?|ATTRIBUTES?|AUTOCOMPLETE|WIDTHS?|STYLES?|CLASSES|TITLES?|TEXTS?"
    r"|TRANSLATIONS?|I18N|L10N|LOCALES?|LANG|LANGS|LANGUAGES?|PROBLEMS?|FEHLER|FEHLERMELDUNGEN|ERREURS?|ERRORI"
    r"|ERRORES|ERROS|FEEDBACK|VALIDATORS?|VALIDATION|VALIDATIONS|WARNINGS?|DETAILS?|CAPTIONS?|NAMES|ALIASES"
    r"|MAPPINGS?|RENAME|RENAMES|RENAMED|CHOICES|WIDGETS?|TEMPLATES?|DOCS?|SPECS?|OPENAPI|SWAGGER|DESCRIPTIONS?"
    r"|PROPERTIES|CONSTRAINTS?|REQUIREMENTS?|REQUIRED|VIOLATIONS?|NOTICES?|ALERTS?|TOASTS?|FLASH|FLASHES|ABORT"
    r"|GETTEXT|SERIALIZER|MODELS?|TABLES?|STRINGS|WORDS|VOCABULARY|TOOLTIPS?|FORMATS?|PATTERNS?|REGEX|REGEXES"
    r"|EXPECTED|SELECTORS?|XPATHS?|MELDUNGEN|MELDUNG|TEXTE|BESCHRIFTUNGEN|BEZEICHNUNGEN|ETIQUETAS|ETIQUETTES|MENSAJES|MENSAGENS"
    r"|EVENTS?|ROUTES?|ENDPOINTS?|PERMISSIONS?|STEPS?|QUESTIONS?|FAILURES?|FAILED|INVALID|LIBELLES|CHAMPS|CAMPOS|SPALTEN|FELDER"
    r"|DISPLAY|HEADINGS?|COLUMN|ORDER|SORT|INCLUDE|EXCLUDE|DTYPES?|ENUMS?|JSONIFY|RESPONSE|RESPONSES|RESULTS?|FORM|FORMS|UI"
)
LANGUAGE = re.compile(
    r"(?:de|en|fr|es|it|pt|nl|ru|pl|tr|cs|sv|fi|ja|jp|zh|uk|hu|ro|el|da|nb|ko|ar|he)(?:[_-][a-zA-Z]{2}|[A-Z]{2})?"
)
SETTINGS = re.compile(
    r"CONFIG|CONFIGS|CFG|SETTINGS?|CONF|ENVIRON|ENV|ENVIRONMENT|CREDS?|CREDENTIALS?|SECRETS?|CONNECTION|CONN|DB"
    r"|DATABASE|DATABASES|MYSQL|DSN|SESSION_OPTS|DBCONFIG|DBCONF|MAPPING_ENV"
)
REJECTS = re.compile(r"(?:Error|Exception|Warning|Invalid\w{0,200}|Problem|Failure)$")
DESCRIBERS = frozenset({
    "abort", "flash", "jsonify", "make_response", "render_template", "url_for", "gettext",
    "ngettext", "_", "_l", "lazy_gettext", "Column", "mapped_column", "Label", "partial",
    "rename", "Response", "fail", "translate", "t", "namedtuple", "print", "info", "warning",
    "error", "debug", "log", "emit", "send_event", "track", "redirect",
    "render_template_string", "add_error", "Parameter", "Header", "Query", "response", "expect",
})  # fmt: skip
"""Functions that show, describe or refuse something rather than use a secret."""


@lru_cache(maxsize=4096)
def describes(function: str) -> bool:
    """Return whether the function called so describes a field, or tells people something."""
    return bool(
        function in DESCRIBERS
        or function.endswith(("Field", "Schema", "Form"))
        or REJECTS.search(function)
    )


@lru_cache(maxsize=4096)
def container(name: str) -> Sink:
    """Return what a container called `name` does with its entries."""
    parts = snake(name).split("_")
    if LANGUAGE.fullmatch(name) or any(MESSAGES.fullmatch(part) for part in parts):
        return Sink.MESSAGE
    if any(SETTINGS.fullmatch(part) for part in parts):
        return Sink.CERTAIN
    return Sink.LOOSE


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a value counts, and how surely."""

    counts: bool
    sure: bool = True


NOTHING = Verdict(counts=False)


def weigh(value: str, name: str, sink: Sink, severity: Severity) -> Verdict:
    """Return what to make of `value`, judged as `severity`, that goes to `name` at a `sink`."""
    value = value.strip()
    if sink is Sink.MESSAGE:
        return NOTHING
    if sink is Sink.CERTAIN:
        return Verdict(counts=True)
    if names_itself(name, value):
        return NOTHING
    if not is_label(value):
        weak = severity is Severity.WEAK
        made = looks_random(value) or (is_common(value) if weak else True)
        loose = sink is Sink.LOOSE and " " in value
        return Verdict(counts=(made or sink is Sink.NAMED) and not loose)
    if sink is Sink.LOOSE or (is_placeholder(value) and " " in value):
        return NOTHING
    if " " in value or not value.isascii():
        return NOTHING
    return Verdict(counts=True, sure=is_weak(value) and name.isupper())
