"""Ways in which people write secrets, and what looks like them, by the kind: both directions.

Values are drawn when the tests run, or are words, so that no secret stands in this repository.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from grader.inspect.secrets import Blob, Finding, scan_blobs, scan_tree

RNG = random.Random(23)
HEX = "".join(RNG.choices("0123456789abcdef", k=32))
CIPHER = "".join(RNG.choices("ABCDEFGHabcdefgh0123456789", k=160))
WORD = "Kestrel_vino77"
PLAIN = "rose-garden"
"""Words, which count only where it is known that they are used."""

USED = (
    # calls of other languages, by position and inside of options
    ("app.js", f'app.use(session({{ secret: "{PLAIN} and more", resave: false }}));', 1),
    ("app.js", f'const token = jwt.sign({{ id: 1 }}, "{PLAIN}");', 1),
    ("app.js", f'const mac = crypto.createHmac("sha256", "{PLAIN}").update(x);', 1),
    ("index.php", f'<?php\n$pdo = new PDO("mysql:host=db", "board", "{PLAIN}");', 2),
    ("index.php", f"<?php\n$db = mysqli_connect($host, 'board', '{PLAIN}', 'board');", 2),
    ("App.java", f'Connection c = DriverManager.getConnection(url, "board", "{PLAIN}");', 1),
    ("main.go", f'db, _ := sql.Open("mysql", "board:{WORD}@tcp(db:3306)/board")', 1),
    ("main.go", f'var jwtKey = []byte("{WORD}")', 1),
    ("app.rb", f'use Rack::Session::Cookie, secret: "{PLAIN}"', 1),
    ("run.ps1", f'$password = ConvertTo-SecureString "{WORD}" -AsPlainText', 1),
    # what stands in for a variable
    ("a.cs", f'var k = Environment.GetEnvironmentVariable("API_KEY") ?? "{HEX}";', 1),
    ("app.rb", f'set :session_secret, ENV["SESSION_SECRET"] || "{PLAIN}"', 1),
    ("app.js", f'const s = process.env.JWT_SECRET || "{PLAIN}";', 1),
    ("config/database.yml", f'a:\n  password: <%= ENV["DB_PASSWORD"] || "{WORD}" %>\n', 2),
    ("application.yml", f"spring:\n  datasource:\n    password: ${{DB_PASSWORD:{WORD}}}\n", 3),
    ("main.tf", f'variable "secret_key" {{\n  default = "{PLAIN}"\n}}\n', 2),
    ("app.py", f'SECRET = os.environ.get("A") or os.environ.get("B", "{PLAIN}")', 1),
    ("app.py", f'app.secret_key = config.get("KEY", "{PLAIN}")', 1),
    ("app.py", f"""\
def env(name):
    return os.environ.get(name, "{PLAIN}")
app.secret_key = env("SECRET_KEY")
""", 2),
    ("app.py", f"""\
def env(name, default=None):
    return os.environ.get(name) or default
app.secret_key = env("SECRET_KEY", "{PLAIN}")
""", 3),
    # commands, headers, pairs
    ("compose.yaml", f"""\
services:
  a:
    image: redis
    command: redis-server --requirepass {WORD}
""", 4),
    ("compose.yaml", f"""\
services:
  a:
    image: x
    command: sh -c "SECRET_KEY={WORD} flask run"
""", 4),
    ("run.sh", f'curl -H "X-Api-Key: {HEX}" https://api.example.org', 1),
    (".netrc", f"machine example.org\nlogin board\npassword {WORD}\n", 3),
    ("web.xml", f"<param-name>dbPassword</param-name>\n<param-value>{WORD}</param-value>", 2),
    ("appsettings.json", f'{{"Jwt": {{"Key": "{WORD}", "Issuer": "board"}}}}', 1),
    # put together, given back, used elsewhere
    ("app.py", 'parts = ["rose", "garden", "7"]\napp.secret_key = "-".join(parts)', 2),
    ("app.py", f'def key():\n    return "{PLAIN}"\napp.secret_key = key()', 3),
    ("app.py", f'app.config["SECRET_KEY"] = "".join(reversed("{PLAIN}"))', 1),
    ("app.py", f'C = {{"app": {{"k": "{PLAIN}"}}}}\napp.secret_key = C["app"]["k"]', 2),
    ("app.py", f'app.config |= {{"JWT_SECRET_KEY": "{PLAIN}"}}', 1),
    ("app.py", f'PASSWORD = "Trauerweide"\nu = "mysql://a:" + PASSWORD + "@db/x"\n# {PLAIN}', 1),
    ("app.py", f'cipher = AES.new(hashlib.sha256(b"{PLAIN}").digest(), AES.MODE_GCM)', 1),
    ("app.py", f'mac = hmac.digest(b"{PLAIN}", text, "sha256")', 1),
    ("app.py", f'claims = jwt.decode(token, key="{PLAIN}", algorithms=["HS256"])', 1),
    ("app.py", f'if token == "{HEX}":\n    allow()', 1),
    ("app.py", f'requests.post(url, data={{"user": "a", "password": "{WORD}"}})', 1),
    ("default.py", f'SECRET_KEY = "{WORD}"\n', 1),
    ("app.py", 'app.secret_key = "SESSION_SECRET_KEY"\n', 1),
    ("cloud.yaml", f"Parameters:\n  jwtSecretKey:\n    Type: String\n    Default: {HEX}\n", 4),
)  # fmt: skip
"""Path, text, and the line that is surely a secret."""

HARMLESS = (
    # labels, states, codes and paths
    ("app.py", 'CODES = dict(password="ERR_PW_001", token="ERR_TK_002")'),
    ("app.py", 'URLS = {"password": "/password/change", "token": "auth/token/new"}'),
    ("app.py", 'class Role(Enum):\n    PASSWORD_ADMIN = "pw_admin"\n'),
    ("app.py", 'C = {"api_key": "projects/1/secrets/api_key/versions/latest"}'),
    ("app.py", 'CONFIG = {"REFRESH_TOKEN_SALT": "refresh-token-salt"}'),
    ("i18n.js", 'export default {sv: {password: "L\u00f6senord1"}};'),
    ("a.ts", 'interface Login { password: string; secret: "set" | "unset" }'),
    ("a.ts", 'const login = { host: "a", password: "", secret: "unset" };'),
    ("a.js", 'const label = field === "password" ? "Passwort" : "Name";'),
    ("a.js", 'const message = errors.password || "invalid";'),
    ("a.js", "const c = { apiKey: `key ${env.API_KEY}` };"),
    ("a.sql", "INSERT INTO texts (k, v) VALUES ('password', 'Kennwort'), ('user', 'Name');"),
    ("README.md", "MySQL password: required\n\n`S3_SECRET_KEY`, `S3_ENDPOINT`\n"),
    # references
    ("a.json", '{"session": {"secret": "$SESSION_SECRET", "name": "sid"}}'),
    ("pom.xml", "<sonar.token>${env.SONAR_TOKEN}</sonar.token>"),
    ("a.js", "mac = jwt.sign(claims, process.env.JWT_SECRET, { expiresIn: '1h' });"),
    ("index.php", '<?php\n$pdo = new PDO("mysql:host=db", "board", getenv("DB_PASSWORD"));'),
    ("application.yml", "password: ${DB_PASSWORD}\nsecret: ${KEY:#{null}}\n"),
    ("app.py", 'NAMES = {"secret_key": "SESSION_SECRET_KEY"}\nsecret_key = "SECRET_KEY"\n'),
    ("terraform.tfvars.example", 'anon_key = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."\n'),
    ("variables.tf", """\
variable "database_url" {
  description = "How to connect, e.g. postgresql://postgres:password@db.board.org:5432/postgres"
}
"""),
    # what is enciphered
    ("secret.yaml", f"""\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
spec:
  encryptedData:
    DB_PASSWORD: AgB{CIPHER}
"""),
    ("prod.sops.yaml", f"""\
db_password: ENC[AES256_GCM,data:{CIPHER[:24]},iv:{CIPHER[:40]},tag:a,type:str]
sops:
  age: []
"""),
    # what is refused, checked or thrown away
    ("run.sh", 'if [ "$PASSWORD" = "changeme" ]; then exit 1; fi'),
    ("app.py", 'if settings.SECRET_KEY == "---":\n    warn()'),
    ("app.py", 'def login(user):\n    if not user:\n        hash_password("as-long-as-others")\n'),
    # what tests run with
    ("pyproject.toml", '[project]\nname = "a"\n[tool.pytest_env]\nDB_PASSWORD = "test"\n'),
    (".github/workflows/a.yml", """\
jobs:
  a:
    env: {SECRET_KEY: ci-only}
    steps: [{run: pytest -q}]
"""),
    (".gitlab-ci.yml", """\
variables:
  MYSQL_ROOT_PASSWORD: root
test:
  services: [mysql]
  script: [./run]
"""),
    # comments and examples
    ("app.ini", "[a]\n; redis://user:password@localhost:6379\nb = 1\n"),
    ("app.cfg", "[a]\n# mysql -u root -ppassword\nb = 1\n"),
    ("cli.py", 'help = "Example: users add a@example.org --password \'battery staple\'"'),
    (".github/workflows/a.yml",
     "env:\n  AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"),
)  # fmt: skip


def findings(path: str, text: str) -> tuple[Finding, ...]:
    return scan_blobs([Blob(path=path, content=text.encode())]).findings


@pytest.mark.parametrize(("path", "text", "line"), USED)
def test_what_is_used_is_surely_found(path: str, text: str, line: int) -> None:
    """Once, on the line where it stands."""
    assert [one.line for one in findings(path, text) if one.sure] == [line]


@pytest.mark.parametrize(("path", "text"), HARMLESS)
def test_what_only_looks_like_it_costs_nothing(path: str, text: str) -> None:
    """Labels, references, checks, what only tests run with."""
    assert [one.preview for one in findings(path, text) if one.sure] == []


def test_entries_of_other_modules_are_followed(tmp_path: Path) -> None:
    """Of a dict there, and what a star brings."""
    (tmp_path / "keys.py").write_text(f'VALUES = {{"jwt": "{PLAIN}"}}\n')
    (tmp_path / "more.py").write_text(f'K = "{PLAIN}"\n')
    (tmp_path / "app.py").write_text(
        "import keys\nfrom more import *\n"
        'app.config["JWT_SECRET_KEY"] = keys.VALUES["jwt"]\napp.secret_key = K\n'
    )
    found = {one.path for one in scan_tree(tmp_path).findings if one.sure}
    assert found == {"keys.py", "more.py"}


@pytest.mark.parametrize("prose", [
    "login: admin / pw: Kestrel-7x",
    "docker exec -it board-db mysql -uroot -prootpass",
    "docker run -d -e MYSQL_ROOT_PASSWORD=root123 mysql",
    "Then `CREATE USER 'board'@'%' IDENTIFIED BY '123456';`",
    f"- Username: root\n- Password: {WORD}",
    f"Log in as **admin** with password **{WORD}**",
])  # fmt: skip
def test_prose_that_tells_a_password_is_a_hint(prose: str) -> None:
    """It is read by people, and nobody knows whether it is in use."""
    assert [one.sure for one in findings("README.md", prose)] == [False]


@pytest.mark.parametrize("prose", [
    "mysql -u root -ppassword",
    "mysql -u root -proot",
    "mysql -h db -u root -p<password> board",
    "mysql -u root -p board",
    "docker run -e MYSQL_PASSWORD=your_password -e SECRET_KEY=secret mysql",
    "docker run -e MYSQL_ROOT_PASSWORD=$MYSQL_ROOT_PASSWORD mysql",
    "`CREATE USER 'board' IDENTIFIED BY 'password';`",
])  # fmt: skip
def test_prose_that_shows_what_to_put_is_none(prose: str) -> None:
    """A placeholder, the word for what belongs there, the name of a database."""
    assert findings("README.md", prose) == ()


def test_an_address_among_bytes_has_a_password_of_characters() -> None:
    """Compiled code holds the pieces of an address with other bytes between them."""
    pieces = b"\0mysql+pymysql://\xfa\x01:\xfa\x02@\xfa\x03/FN\0"
    whole = b"\0mysql+pymysql://board:" + WORD.encode() + b"@db/board\0"
    assert scan_blobs([Blob(path="a.pyc", content=pieces)]).findings == ()
    assert scan_blobs([Blob(path="a.pyc", content=whole)]).findings


def test_a_pair_in_a_list_of_json_stands_on_its_own_line() -> None:
    """Though the same value stands above it."""
    text = f'{{"api_key": "{HEX}",\n "environment": ["A=b",\n  "GITHUB_KEY={HEX}"]}}'
    assert [one.line for one in findings("a.json", text)] == [1, 3]


def test_a_hint_that_another_file_makes_sure_is_told_once(tmp_path: Path) -> None:
    """A weak word in a module says little; the module that connects with it says enough."""
    (tmp_path / "config.py").write_text('passwd = "test"\n')
    (tmp_path / "db.py").write_text("import config\npymysql.connect(passwd=config.passwd)\n")
    (one,) = scan_tree(tmp_path).findings
    assert (one.path, one.line, one.sure) == ("config.py", 1, True)


def test_an_address_in_a_comment_is_a_hint_where_the_code_uses_its_password() -> None:
    """It stays when the code is put right; of other words nobody knows."""
    used = 'PASSWORD = "daozhu"\nu = "mysql://a:" + PASSWORD + "@db/x"\n'
    comment = "# mysql://root:daozhu@172.25.0.5/board\n"
    assert [(one.line, one.sure) for one in findings("app.py", used + comment)] == [
        (1, True), (3, False),
    ]  # fmt: skip
    assert findings("app.py", comment) == ()
