"""Access tokens: what counts, and what nobody should believe.

One well-known forgery is not among them: a token of HS256 that is signed with the public key of
RS256. The contract is HS256 with a secret and nothing else, so that there is no public key that an
app could take for one. What is tried of other algorithms is that none of them counts.
"""

import time

import jwts
import pytest

NONE = ("none", "None", "NONE", "nOnE", "")
AT_MOST = 3
"""Seconds that the clock may go on between a request and its answer."""
ATTACKERS_KEY = "a key that the attacker has chosen, long enough"


@pytest.mark.criterion("token.claims")
def test_an_access_token_has_its_claims(site):
    """Those of a login and those of a refresh."""
    before = int(time.time())
    person = site.login(site.known())
    claims = site.claims(person)
    header = jwts.read(person.access)[0]
    assert header.get("alg") == "HS256", f"alg should be HS256, not {header.get('alg')!r}."
    signed, _, signature = person.access.rpartition(".")
    assert jwts.signature(signed, site.key) == signature, (
        "The access token should be signed with JWT_SECRET (its UTF-8 bytes, as they are)."
    )
    assert claims.get("iss") == site.issuer, "iss should be JWT_ISSUER."
    audience = claims.get("aud")
    assert site.audience in (audience if isinstance(audience, list) else [audience]), (
        "aud should be JWT_AUDIENCE."
    )
    assert isinstance(claims.get("sub"), str), "sub should be a text."
    assert claims["sub"], "sub should say whose the token is; it is empty."
    assert claims.get("type") == "access", 'type should be "access".'
    for name in ("iat", "exp"):
        value = claims.get(name)
        assert isinstance(value, int | float), f"{name} should be a number of seconds."
    made = claims["iat"]
    assert before - AT_MOST <= made <= time.time() + AT_MOST, "iat should be the present time."
    lasts = claims["exp"] - made
    assert abs(lasts - site.access_seconds) <= 1, (
        f"exp should be iat plus ACCESS_SECONDS ({site.access_seconds}); it is iat plus {lasts}."
    )


@pytest.mark.criterion("token.claims")
def test_a_token_of_another_service_counts(site, draw):
    """The same claims in another order, with others, and with another end."""
    person = site.known()
    claims, now = site.claims(person), int(time.time())
    turned = dict(reversed(claims.items()))
    also = claims | {draw.word(): draw.word(), "nbf": now - 10}
    long = claims | {"exp": now + 10 * site.access_seconds}
    several = claims | {"aud": [draw.word(), site.audience]}
    for given, header, what in (
        (turned, None, "with its claims in another order"),
        (also, {"typ": "JWT", "alg": "HS256"}, "with one more claim and an nbf in the past"),
        (claims | {"exp": now + 60}, {"alg": "HS256"}, "that ends in a minute, without typ"),
        (long, None, "that lasts longer than ACCESS_SECONDS"),
        (several, None, "whose aud is a list that holds JWT_AUDIENCE"),
        (claims, {"alg": "HS256", "kid": draw.word()}, "with a kid that means nothing here"),
    ):
        token = jwts.made(given, site.key, header)
        site.accepted(token, f"A token signed with JWT_SECRET, {what},", person.name)


@pytest.mark.criterion("token.missing")
def test_every_route_asks_for_a_token(site):
    """Whoever sends none changes nothing."""
    admin, victim = site.known("admin"), site.known("victim")
    for method, path, body in site.routes(victim):
        reply = site.call(method, path, json=body)
        if reply.status != 401:
            reply.fail(f"{method} {path} without a token should answer 401, not {reply.status}.")
    for header in ("Bearer", "Bearer ", admin.access, f"Basic {admin.access}", "Bearer null"):
        reply = site.call("GET", "/me", headers={"Authorization": header})
        if reply.status != 401:
            reply.fail(f"Authorization: {header[:20]}… should get a 401, not {reply.status}.")


@pytest.mark.criterion("token.missing")
def test_a_token_elsewhere_is_none(site):
    """In the query, a cookie or another header."""
    token = site.known().access
    names = ("access_token", "token", "jwt", "Authorization", "authorization")
    query = dict.fromkeys(names, token)
    cookies = "; ".join(f"{name}={token}" for name in (*names[:3], "access_token_cookie"))
    for reply, what in (
        (site.me(None, params=query), "the query"),
        (site.me(None, headers={"Cookie": cookies}), "a cookie"),
        (site.me(None, headers={"X-Access-Token": token, "X-Token": token}), "another header"),
    ):
        if reply.status != 401:
            reply.fail(f"A token in {what} should be passed over: 401, not {reply.status}.")


@pytest.mark.criterion("token.key")
def test_another_key_is_refused(site, draw):
    """On each route, the administrator's token as well."""
    admin, ada = site.known("admin"), site.known()
    for person in (ada, admin):
        claims = site.claims(person)
        keys = (draw.word(32), "", "secret", site.key[:-1], f"{site.key} ", site.key.swapcase(),
                site.issuer, site.audience)  # fmt: skip
        for key in keys:
            what = "A token that was signed with another key than JWT_SECRET"
            site.refused(jwts.made(claims, key), what, ("/me", "/articles"))
    # with a session of its own, which may end by it
    forged = jwts.made(site.claims(site.login(admin)), draw.word(32))
    site.refused_everywhere(forged, "A token of another key", site.known("victim"))


@pytest.mark.criterion("token.key")
def test_a_changed_token_is_refused(site, draw):
    """Whatever of it was changed: claims, signature, or both."""
    admin, ada = site.known("admin"), site.known()
    head, _, rest = ada.access.partition(".")
    claims, _, signature = rest.partition(".")
    changed = jwts.part(site.claims(ada) | {"note": draw.word(), "role": "admin"})
    middle = len(signature) // 2
    for token, what in (
        (f"{head}.{changed}.{signature}", "whose claims were changed"),
        (f"{head}.{jwts.part(site.claims(admin))}.{signature}", "with the claims of another one"),
        (f"{head}.{claims}.{admin.access.rpartition('.')[2]}", "with the signature of another one"),
        (f"{head}.{claims}.{jwts.other_letter(signature, middle)}", "whose signature was changed"),
        (f"{head}.{claims}.{jwts.other_letter(signature, 0)}", "whose signature was changed"),
        (f"{head}.{claims}.{signature[: middle // 2 * 2]}", "with half of its signature"),
        (f"{head}.{claims}.", "without its signature"),
        (f"{head}.{claims}", "without its third part"),
    ):
        site.refused(token, f"An access token {what}", ("/me", "/articles"))


@pytest.mark.criterion("token.algorithm")
def test_none_is_no_algorithm(site):
    """In any spelling, with no signature or with one that means nothing."""
    for person in (site.known("admin"), site.known()):
        claims, signature = site.claims(person), person.access.rpartition(".")[2]
        for name in NONE:
            for signed in ("", signature):
                token = jwts.unsigned(claims, name, signed)
                site.refused(token, f'A token whose alg is "{name}"', ("/me", "/articles"))


@pytest.mark.criterion("token.algorithm")
def test_other_algorithms_are_refused(site, draw):
    """With the right key, too."""
    claims = site.claims(site.known())
    for name in ("HS384", "HS512"):
        header = {"alg": name, "typ": "JWT"}
        token = jwts.made(claims, site.key, header, name)
        site.refused(token, f"A token of {name} that is signed with JWT_SECRET")
    for name in ("RS256", "ES256", "hs256", draw.word()):
        token = jwts.made(claims, draw.word(32), {"alg": name, "typ": "JWT"})
        site.refused(token, f'A token whose alg is "{name}"')


@pytest.mark.criterion("token.header")
def test_the_header_brings_no_key(site):
    """Neither as a file, nor as a query, nor in itself."""
    key = jwts.encoded(ATTACKERS_KEY.encode())
    jwk = {"kty": "oct", "k": key, "alg": "HS256", "kid": "mine"}
    up = "../../../../../../../.."
    for header, signing in (
        ({"kid": f"{up}/dev/null"}, ""),
        ({"kid": "/dev/null"}, ""),
        ({"kid": f"{up}/etc/hostname"}, ""),
        ({"kid": "x' UNION SELECT 'mine' -- "}, "mine"),
        ({"kid": ATTACKERS_KEY}, ATTACKERS_KEY),
        ({"kid": key}, ATTACKERS_KEY),
        ({"jwk": jwk}, ATTACKERS_KEY),
        ({"jwk": jwk, "kid": "mine"}, key),
        ({"jwk": {"keys": [jwk]}}, ATTACKERS_KEY),
        ({"k": key}, ATTACKERS_KEY),
        ({"key": ATTACKERS_KEY, "secret": ATTACKERS_KEY}, ATTACKERS_KEY),
        ({"jku": "http://localhost:1/keys.json", "x5u": "http://localhost:1/x.pem"}, ATTACKERS_KEY),
        ({"x5c": [key]}, ATTACKERS_KEY),
    ):
        for person in (site.known("admin"), site.known()):
            token = jwts.made(site.claims(person), signing, jwts.JWT | header)
            names = " and ".join(header)
            site.refused(token, f"A token of another key, with {names} in its header,")


@pytest.mark.criterion("token.expired")
def test_an_expired_token_is_refused(site):
    """From 1 second after its end on."""
    person = site.known()
    claims = site.claims(person)
    for ago in (3, 30, 300, 100_000):
        now = int(time.time())
        token = jwts.made(claims | {"exp": now - ago}, site.key)
        site.refused(token, f"A token that expired {ago} s ago", ("/me", "/articles"))
    early = claims | {"iat": int(time.time()) - 50, "exp": int(time.time()) - 20}
    site.refused(jwts.made(early, site.key), "A token that expired 20 s ago")
    site.refused(jwts.made(claims | {"exp": 0}, site.key), "A token whose exp is 0")


@pytest.mark.criterion("token.expired")
def test_a_token_of_later_is_refused(site):
    """Before its nbf."""
    claims, now = site.claims(site.known()), int(time.time())
    token = jwts.made(claims | {"nbf": now + 60}, site.key)
    site.refused(token, "A token whose nbf is in a minute")


@pytest.mark.criterion("token.required")
def test_a_token_without_a_claim_is_refused(site):
    """Each of those without which it says too little."""
    claims = site.claims(site.known())
    for name in ("exp", "iss", "aud", "sub", "type"):
        token = jwts.made(jwts.without(claims, name), site.key)
        site.refused(token, f"A token without {name}", ("/me", "/articles"))


@pytest.mark.criterion("token.audience")
def test_another_issuer_is_refused(site, draw):
    claims, right = site.claims(site.known()), site.issuer
    for wrong in (f"https://{draw.word()}.example", f"{right}/", right[:-1], right.upper(),
                  f"{right}.evil.example", "", site.audience):  # fmt: skip
        site.refused(
            jwts.made(claims | {"iss": wrong}, site.key), f"A token whose iss is {wrong!r}"
        )


@pytest.mark.criterion("token.audience")
def test_another_audience_is_refused(site, draw):
    claims, right = site.claims(site.known()), site.audience
    for wrong in (draw.word(), f"{right}-internal", right[:-1], right.upper(), "", [],
                  [draw.word()], [right[:-1], f"{right}s"], site.issuer):  # fmt: skip
        site.refused(
            jwts.made(claims | {"aud": wrong}, site.key), f"A token whose aud is {wrong!r}"
        )


@pytest.mark.criterion("token.type")
def test_a_refresh_token_is_no_access_token(site):
    person = site.login(site.known("victim"))
    what = "A refresh token in the place of an access token"
    site.refused(person.refresh, what, ("/me", "/articles"))


@pytest.mark.criterion("token.type")
def test_an_access_token_is_no_refresh_token(site):
    """And ends nothing when it is sent as one."""
    if not site.refreshes():
        return
    person = site.known("victim")
    what = "An access token in the place of a refresh token"
    site.not_exchanged(person.access, what)
    site.accepted(person.access, "An access token that was once sent to POST /refresh", person.name)


@pytest.mark.criterion("token.type")
def test_another_type_is_refused(site, draw):
    """Also with the right signature."""
    claims = site.claims(site.known())
    for wrong in ("refresh", "Access", "access ", "", "id", draw.word(), None, True):
        token = jwts.made(claims | {"type": wrong}, site.key)
        site.refused(token, f"A token whose type is {wrong!r}", ("/me", "/articles"))


@pytest.mark.criterion("token.malformed")
def test_what_is_no_token_is_refused(site, draw):
    """Whatever it looks like: 401, as for any other one that does not count."""
    person = site.known()
    head, claims, signature = person.access.split(".")
    odd = [jwts.encoded(one) for one in (b"{", b"[]", b"null", b'"text"', b"7", b"\xff\xfe", b"")]
    tokens = [
        "x", ".", "..", "...", "a.b.c", "null", "undefined", draw.word(40), "é.é.é", "a.b.é",
        f"{head}.{claims}.é{signature[1:]}", f"{head}..{signature}", f".{claims}.{signature}",
        f"{person.access}.{signature}", f"{head}.{claims}!.{signature}", f"{head}.{claims}.=",
        *(f"{one}.{claims}.{signature}" for one in odd),
        *(f"{head}.{one}.{signature}" for one in odd),
        "A" * 1500,
    ]  # fmt: skip
    headers = (
        {"alg": None}, {"alg": 7}, {"alg": ["HS256"]}, {"alg": {}}, {"typ": "JWT"}, {},
        {"alg": "HS256", "kid": {"a": 1}}, {"alg": "HS256", "kid": 7}, {"alg": "HS256", "jwk": 7},
    )  # fmt: skip
    for token in tokens:
        site.refused(token, f"The token {token[:40]!r}", statuses=(401,))
    for header in headers:
        reply = site.me(f"{jwts.part(header)}.{claims}.{signature}")
        # what is believed without a right signature is a matter of token.key
        if reply.status >= 300 and reply.status != 401:
            reply.fail(f"A token with the header {header} should get a 401, not {reply.status}.")


@pytest.mark.criterion("token.malformed")
def test_whatever_is_refused_is_refused_with_401(site, draw):
    """Where it is refused at all, which has criteria of its own."""
    person, now = site.known(), int(time.time())
    claims = site.claims(person)
    for token, what in (
        (jwts.made(claims, draw.word(32)), "A token of another key"),
        (jwts.unsigned(claims, "none"), 'A token whose alg is "none"'),
        (jwts.made(claims | {"exp": now - 60}, site.key), "An expired token"),
        (jwts.made(claims | {"aud": draw.word()}, site.key), "A token for another audience"),
        (jwts.made(claims | {"iss": draw.word()}, site.key), "A token of another issuer"),
        (jwts.made(jwts.without(claims, "exp"), site.key), "A token without exp"),
        (jwts.made(claims | {"type": "refresh"}, site.key), "A token of another type"),
    ):
        reply = site.me(token)
        if reply.status >= 300 and reply.status != 401:
            reply.fail(f"{what} should be refused with 401, not {reply.status}.")


@pytest.mark.criterion("token.malformed")
def test_a_token_of_nobody_is_refused(site, draw):
    """Rightly signed, for a user whom there is not."""
    claims = site.claims(site.known())
    token = jwts.made(claims | {"sub": f"{draw.word()}-{draw.integer(10**8, 10**9)}"}, site.key)
    site.refused(token, "A token whose sub is no user")


@pytest.mark.criterion("token.malformed")
def test_what_is_no_refresh_token_is_refused(site, draw):
    """And ends nothing."""
    if not site.refreshes():
        return
    person = site.known("victim")
    token, middle = person.refresh, len(person.refresh) // 2
    for wrong in (jwts.other_letter(token, middle), jwts.other_letter(token, 0), token[:middle],
                  token[middle:], f"{token}{token}"[:1000], draw.word(43)):  # fmt: skip
        site.not_exchanged(wrong, f"The refresh token {wrong[:40]!r}", (400, 401))
    odd = ("", "x", ".", "a.b.c", "a:b", "null", "é" * 20, "日本", "\x00", "%", "' OR 1=1 -- ")
    for wrong in (*odd, "A" * 1000):
        site.not_exchanged(wrong, f"The refresh token {wrong[:40]!r}", (400, 401))
    half = b'{"refresh_token": "\\ud83d"}'  # half of a character
    reply = site.call("POST", "/refresh", body=half, headers={"Content-Type": "application/json"})
    if reply.status not in (400, 401):
        reply.fail(f"Half of a character is no refresh token: 401, not {reply.status}.")
    reply = site.refreshing(person.refresh)
    if not 200 <= reply.status < 300:
        reply.fail("After others were refused that are none, a refresh token counts no longer.")
