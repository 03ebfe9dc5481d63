"""What a name says of its value: surely a secret, perhaps one, or none."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Sureness(Enum):
    """How surely a thing of a name holds a secret."""

    NO = 0
    MAYBE = 1
    """Only where the value looks random."""
    SURE = 2


SURE = re.compile(
    r"PASSWORD|PASSWD|PASSWRD|PASSWRT|PASSPHRASE|PASSCODE|(?:^|_)(?:USER|MY|DB)?PASSWORT|CONTRASENA"
    r"|(?:^|_)(?:(?:DB|MY|USER|ROOT|ADMIN|MYSQL|SQL|SMTP|MAIL|EMAIL|APP|API|PG|REDIS|SSH|FTP|LOGIN|WEB|PROXY|AUTH|NEW)?PASS|[A-Z]*PWD|PW|PSWD|PSW|PASSW)(?=$|_?\d|_(?:ROOT|DB|PROD|DEV|LOCAL)$)"
    r"|(?:^|_)[A-Z]*SECRET(?=$|_|\d)|SECRET_?KEY|SECRET_?ACCESS(?:_?KEY)?"
    r"|(?:API|ACCESS|PRIVATE|AUTH|APP|JWT|ENCRYPTION|ENCRYPT|SIGNING|SIGN|FERNET|MASTER|ACCOUNT"
    r"|CRYPTO|HMAC|AES|STRIPE|MAILGUN|SENDGRID|OPENAI|WEATHER|SERVICE|SERVER|SUBSCRIPTION|SESSION"
    r"|LICENSE|LICENCE|SEC|GITHUB|GITLAB|SLACK|FLASK|COOKIE|WEBHOOK)_?KEY"
    r"|(?:API|ACCESS|AUTH|BOT|REFRESH|BEARER|PERSONAL|GITHUB|GITLAB|SLACK|DISCORD|TELEGRAM|NPM"
    r"|PYPI|DEPLOY|ADMIN|SERVICE|HF|VAULT|CI|SECURITY|GOOGLE|SESSION)_?TOKEN"
)
TAIL = re.compile(
    r"E?S?(?:_?\d+)?(?:_(?:ROOT|DB|DATABASE|MYSQL|PROD|PRODUCTION|DEV|DEVELOPMENT|TEST|TESTING"
    r"|STAGING|LOCAL|DEFAULT|VALUE|STR|STRING|RAW|PLAIN|PLAINTEXT|CLEAR|BASE|OLD|NEW|CURRENT|BACKUP"
    r"|BAK|ADMIN|USER|APP|MAIN|MASTER|KEY|TOKEN|SECRET|PASSWORD|PASS|OVERRIDE|FALLBACK|BYTES|LIVE|SMTP|MAIL"
    r"|REDIS|JWT|FLASK|API|LITERAL|HARDCODED|EXAMPLE|CODE|SALT|PEPPER|V?\d+|PRIMARY|SECONDARY|SHARED|B64|BASE64|HEX"
    r"|SERVER|CLIENT|PLAIN_TEXT|ENV|ARG))*"
)
"""What may follow a word for a secret in the name of one; other words name something else."""
MAYBE = re.compile(
    r"(?:^|_)[A-Z]*(?:KEY|TOKEN|SECRETS|CREDENTIALS?|CREDS|SALT|PEPPER|AUTH|SIGNATURE|SEED|NONCE|CODE)"
    r"(?=$|\d|_\d+$)|(?:^|_)(?:APP|API|ACCESS|WEATHER\w*|OWM|OPENWEATHER\w*)_?ID$|^APPID$"
)
ABOUT = re.compile(
    r"_(?:FILE|FILENAME|PATH|DIR|URL|URI|HOST|PORT|USERNAME|NAME|ALGORITHM|ALG|TYPE|HEADERS?"
    r"|LOCATION|PREFIX|SUFFIX|LENGTH|LEN|MIN|MAX|SIZE|ROUNDS|ISSUER|AGE|TTL|TIMEOUT|LIFETIME"
    r"|EXPIRY|EXPIRES?|EXPIRES?_IN|EXPIRATION|DAYS|HOURS|MINUTES|SECONDS|REQUIRED|ENABLED"
    r"|FIELD|LABEL|HINT|PLACEHOLDER|MESSAGE|MSG|ERRORS?|ERR|TEXT|TITLE|REGEX|PATTERN|COLUMN|COL"
    r"|HASH|HASHED|HASHER|HASHES|DIGEST|CHECKSUM|PARAM|ATTR|VAR|INPUT|FORM|BUTTON|BTN"
    r"|LINK|PAGE|VIEW|ROUTE|ENDPOINT|TEMPLATE|POLICY|RULES?|STRENGTH|SCHEMES?|CONTEXT|BACKEND"
    r"|CLASS|SUBJECT|FORMAT|SELECTOR|ELEMENT|PROMPT|DESCRIPTION|HELP|STATUS|COUNT|VERSION"
    r"|ENCODING|PLUGIN|METHOD|MODE|VALIDATOR|STORE|STORAGE|MANAGER|PROVIDER|SCOPES?|EMAIL|DOMAIN"
    r"|REF|ARN|VARIABLE|BINDING|LOOKUP|INDEX|PLAIN_NAME|SAMESITE|SECURE|DEFAULT_NAME|CHARS?|ALPHABET|PUBLIC"
    r"|RESET|CHANGED?|CHANGES|REQUESTED|WRONG|FORGOT|FORGOTTEN|INVALID|MISSING|MISMATCH|SHORT|WEAK"
    r"|UPDATED?|CREATED|SENT|FAILED|SUCCESS|EXPIRED|INCORRECT|TOO_SHORT|EMPTY|CONFIRM|CONFIRMATION|EVENT|ACTION"
    r"|PERMISSION|TOPIC|QUEUE|TASK|JOB|REQUIREMENTS?|TOOLTIP|ICON|WIDTH|STYLE|CATEGORY|KIND|GENERATOR"
    r"|HANDLER|SERVICE_NAME|CHARACTERS|WORDS?|LIST|REPEAT|RECOVERY|PROTECTED|PROTECTION)$"
    r"|EXPIR|ALLOW_EMPTY|RANDOM_ROOT|GETPASS|BYPASS|COMPASS|PASSPORT|PASSENGER|PASSIVE|PASSED|PASSING|PASSTHROUGH"
    r"|SECRETAR(?:Y|IES)$|(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?|CLIENT|USER|TENANT|ACCOUNT)_ID$|(?:FIREBASE|FACEBOOK|FB|GOOGLE|PUSHER|ALGOLIA|ONESIGNAL|AGORA|AZURE|META)_APP_ID$"
    r"|^(?:RE)?(?:SET|FORGOT|FORGOTTEN|CHANGE|CONFIRM|REPEAT|RETYPE|VERIFY|CHECK|HASH|GENERATE"
    r"|VALIDATE|SHOW|HIDE|TOGGLE|GET|IS|HAS|HASHED|ENCRYPTED|WRONG|INVALID|MISSING|INCORRECT"
    r"|SHORT|RESET|ENTER|BAD|NO|MISMATCH|UPDATE|UPDATED|EMPTY|TYPE|INPUT|COMPARE|WEAK|FORBIDDEN|COMMON|NEED)_"
    r"(?:(?:USER|MY|THE|YOUR|NEW|OLD|ADMIN|CURRENT)_)?(?:PASS|TOKEN|SECRET|PW)"
    r"|^(?:EVENT|ROUTE|ENDPOINT|VIEW|ACTION|MSG|MESSAGE|LABEL|ERR|ERROR|ERRORS|TITLE|PERM|PERMISSION|SCOPE"
    r"|TOPIC|QUEUE|TASK|STATUS|COL|COLUMN|FIELD|URL|HEADER|TEMPLATE|REGEX|PATTERN|KEY_?NAME|PLACEHOLDER|HINT"
    r"|TEXT|ICON|PATH|SELECTOR|XPATH|CSS|BTN|BUTTON|INPUT|FORM|FLASH|AUDIT|LOG|EVT|SIGNAL|ENV|VAR)_"
    r"|EXISTING_?SECRET|PASSWORD_KEY$|SECRET_KEYS$|(?:GPG|PGP|HOST)_?KEY"
    r"|^(?:MAX|MIN|SHORTEST|LONGEST|NUM|COUNT|TOTAL|LEN|USE|WITH|WITHOUT)_"
    r"|PUBLIC_?KEY|PUB_?KEY|(?:^|_)(?:PRIMARY|FOREIGN|CACHE|SORT|PARTITION|COMPOSITE|UNIQUE|UNIQ|HOT|PROJECT"
    r"|DICT|LOOKUP|GROUP|ROUTING|KNOWN|PUBLISHABLE|SITE|INDEX|ROW|ROW_ID|COL|COLUMN|DATA|MESSAGE|CSRF|TRANSLATION"
    r"|BUCKET|MEASUREMENT|STORAGE|LOCAL_STORAGE)_?KEY"
    r"|CSRF\w{0,240}TOKEN|XSRF\w{0,240}TOKEN|TOKENIZE|MAX_TOKEN|NUM_TOKEN|^TOKENS$|_TOKENS$|KEYWORD|KEYBOARD|MONKEY|TURKEY|DONKEY|HOCKEY|JOCKEY|WHISKEY|STOP_TOKEN"
)
"""Names that speak of a secret and hold none, such as `JWT_TOKEN_LOCATION`."""
FLASK = frozenset(
    {"SECRET_KEY", "APP_SECRET_KEY", "FLASK_SECRET_KEY", "APP_SECRET", "FLASK_SECRET"}
)
EXTENSIONS = frozenset(
    {"BASIC_AUTH_PASSWORD", "CACHE_REDIS_PASSWORD", "GITHUB_OAUTH_CLIENT_SECRET",
     "GOOGLE_OAUTH_CLIENT_SECRET", "JWT_PRIVATE_KEY", "JWT_SECRET_KEY", "MAIL_PASSWORD",
     "MONGODB_PASSWORD", "MYSQL_DATABASE_PASSWORD", "MYSQL_PASSWORD", "RECAPTCHA_PRIVATE_KEY",
     "WTF_CSRF_SECRET_KEY"}
)  # fmt: skip
"""Settings by which extensions of Flask are told a secret: whatever stands there is one."""
DATABASE = re.compile(r"MYSQL|MARIADB|DATABASE|(?:^|_)DB")
CONNECTION = re.compile(r"HOST|SERVER|DATABASE|(?:^|_)DB|PORT")
IDENTITY = re.compile(
    r"^(?:DB_?|MYSQL_?|DATABASE_?)?(?:HOST|HOSTNAME|SERVER|USER|USERNAME|USER_NAME|LOGIN|EMAIL|MAIL"
    r"|DB|DBNAME|DATABASE|PORT|NAME)$"
)
"""Names that stand alongside a password where somebody is let in."""

PLAIN = re.compile(
    r"(?:^|_)(?:USER|USERNAME|USER_?NAME|HOST|HOSTNAME|PORT|DATABASE|(?:DB_?)?NAME|EMAIL)$"
)
"""Ends of names that say whom or where, with any service in front: `MQTT_USER`."""


@lru_cache(maxsize=4096)
def sureness(name: str) -> Sureness:
    """Return how surely a thing called `name` holds a secret."""
    upper = snake(name)
    if ABOUT.search(upper):
        return Sureness.NO
    if words := list(SURE.finditer(upper)):
        return Sureness.SURE if TAIL.fullmatch(upper, words[-1].end()) else Sureness.MAYBE
    return Sureness.MAYBE if MAYBE.search(upper) else Sureness.NO


@lru_cache(maxsize=4096)
def is_identity(name: str) -> bool:
    """Return whether a thing called `name` says where or as whom one logs in."""
    return bool(IDENTITY.search(snake(name)))


@lru_cache(maxsize=4096)
def is_plain(name: str) -> bool:
    """Return whether what is mounted as a secret called `name` is whom or where, and no secret."""
    return bool(PLAIN.search(snake(name)))


@lru_cache(maxsize=4096)
def is_connection(name: str) -> bool:
    """Return whether a thing called `name` says which database or server is meant."""
    return is_identity(name) and bool(CONNECTION.search(snake(name)))


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """`dbPassword` and `db-password` as `DB_PASSWORD`."""
    return re.sub(r"(?<=[a-z\d])(?=[A-Z])|[^A-Za-z0-9]+", "_", name[-120:]).strip("_").upper()


@lru_cache(maxsize=4096)
def rule_for(name: str, otherwise: str) -> str:
    """Return the rule that a literal of `name` breaks in code."""
    upper = snake(name)
    if upper in FLASK:
        return "flask.secret-key"
    if DATABASE.search(upper):
        return "database.password"
    return otherwise


TELLING = frozenset(
    {"PASSWORD", "PASSWD", "PASSWORT", "PASS", "PWD", "PW", "SECRET", "TOKEN", "KEY", "CREDENTIALS"}
)


def names_itself(name: str, value: str) -> bool:
    """Return whether `value` says no more than its name.

    `PASSWORD_CHANGED = "password_changed"` does.
    """
    if not re.fullmatch(r"[A-Za-z][\w .:/-]*", value):
        return False
    words, said = snake(name).split("_"), snake(value).split("_")
    if "".join(said) == "".join(words):
        return True
    return all(word in words for word in said) and not TELLING.isdisjoint(said)
