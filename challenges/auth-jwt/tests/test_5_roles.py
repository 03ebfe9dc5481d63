"""Roles and permissions."""

import jwts
import pytest

CLAIMS = ("role", "roles", "scope", "scp", "permissions", "groups", "authorities", "grant")
FLAGS = ("is_admin", "admin", "isAdmin", "superuser", "is_staff")


@pytest.mark.criterion("roles.change")
def test_an_administrator_changes_a_role(site):
    """It is listed, and counts from the next login on at the latest."""
    admin, person = site.known("admin"), site.register()
    assert site.users(admin).get(person.name) == "reader", "GET /users should list a new reader."
    for role in ("editor", "admin", "reader"):
        reply = site.changing_role(admin, person, role)
        if reply.status != 200:
            reply.fail(f"PUT /users/{{id}}/role should answer 200, not {reply.status}.")
        if reply.json(dict).get("role") != role or reply.json(dict).get("username") != person.name:
            reply.fail("The answer should be the user, with the new role.")
        assert site.users(admin).get(person.name) == role, "GET /users has another role then."
        me = site.me(site.login(person).access).expect(200)
        if me.json(dict).get("role") != role:
            me.fail(f"After a new login GET /me should have the role {role}.")
    unknown = site.call("PUT", "/users/999999999/role", admin.access, json={"role": "editor"})
    if unknown.status != 404:
        unknown.fail(f"The role of an unknown user should be answered with 404: {unknown.status}.")


@pytest.mark.criterion("roles.permissions")
@pytest.mark.parametrize("role", ["reader", "editor"])
def test_what_a_role_may_not(site, role):
    """It is 403, and nothing changes."""
    admin, other, person = site.known("admin"), site.known("victim"), site.member(role)
    article, title = site.article(admin)
    own = site.article(person)[0] if role == "editor" else article
    requests = [
        ("DELETE", f"/articles/{article}", None), ("DELETE", f"/articles/{own}", None),
        ("GET", "/users", None), ("POST", site.of_user(other, "revoke"), None),
        ("PUT", site.of_user(other, "role"), {"role": "editor"}),
        ("PUT", site.of_user(person, "role"), {"role": "admin"}),
        ("POST", site.of_user(person, "revoke"), None),
    ]  # fmt: skip
    if role == "reader":
        requests += [("POST", "/articles", {"title": site.title()}),
                     ("PUT", f"/articles/{article}", {"title": site.title()})]  # fmt: skip
    before = site.titles(person)
    for method, path, body in requests:
        reply = site.call(method, path, person.access, json=body)
        if reply.status != 403:
            reply.fail(f"{method} {path} by a {role} should answer 403, not {reply.status}.")
    assert site.titles(person) == before, f"What a {role} may not do was answered 403, and done."
    assert before.get(article) == (title, admin.name), "GET /articles should list all articles."
    for one, before in ((person, role), (other, "reader")):
        me = site.me(one.access)
        if me.status != 200 or me.json(dict).get("role") != before:
            me.fail(f"A {role} has changed a role or ended a session, with a 403.")


@pytest.mark.criterion("roles.permissions")
def test_what_an_administrator_may(site):
    """Add articles and delete those of others."""
    admin, editor = site.known("admin"), site.member("editor")
    article = site.article(editor)[0]
    own, title = site.article(admin)
    assert site.titles(editor).get(own) == (title, admin.name), "GET /articles lacks an article."
    added = site.call("POST", "/articles", admin.access, json={"title": title})
    if added.status != 201:
        added.fail(f"POST /articles by an administrator should answer 201, not {added.status}.")
    for one in (article, own):
        reply = site.call("DELETE", f"/articles/{one}", admin.access)
        if reply.status != 204:
            reply.fail(f"DELETE /articles/{{id}} should answer 204, not {reply.status}.")
        reply = site.call("DELETE", f"/articles/{one}", admin.access)
        if reply.status != 404:
            reply.fail(f"Deleting an article that is gone should be a 404, not {reply.status}.")
    assert not {article, own} & site.titles(editor).keys(), "A deleted article is still listed."


@pytest.mark.criterion("roles.own")
def test_an_editor_changes_own_articles(site):
    admin, editor, other = site.known("admin"), site.member("editor"), site.member("editor")
    article, title = site.article(editor)
    path = f"/articles/{article}"
    for body in ({"title": site.title()}, {"title": site.title(), "author": other.name}):
        reply = site.call("PUT", path, other.access, json=body)
        if not 400 <= reply.status < 500:
            reply.fail(f"An editor changes another's article; that is a 403, not {reply.status}.")
        assert site.titles(editor).get(article) == (title, editor.name), (
            "An editor has changed the article of another."
        )
    for person in (editor, admin):
        title = site.title()
        reply = site.call("PUT", path, person.access, json={"title": title})
        if reply.status != 200:
            who = "its author" if person is editor else "an administrator"
            reply.fail(f"PUT /articles/{{id}} by {who} should answer 200, not {reply.status}.")
        found = reply.json(dict)
        if (found.get("title"), found.get("author")) != (title, editor.name):
            reply.fail("The answer should be the article: the new title, and the author as before.")
        assert site.titles(other).get(article) == (title, editor.name), "It is listed otherwise."
        missing = site.call("PUT", "/articles/999999999", person.access, json={"title": title})
        if missing.status != 404:
            missing.fail(f"An unknown article should be answered with 404, not {missing.status}.")
    claimed = {"title": site.title(), "author": other.name, "author_id": other.id}
    reply = site.call("POST", "/articles", editor.access, json=claimed)
    if reply.status < 400 and reply.json(dict).get("author") != editor.name:
        reply.fail("The author of an article is whoever sends it, whatever its body says.")


def powerless(site, token, how, **options):
    """Fail where somebody with that token may do more than a reader."""
    user = site.known("bob")
    for method, path, body in (
        ("GET", "/users", None),
        ("POST", "/articles", {"title": site.title()}),
        ("PUT", site.of_user(user, "role"), {"role": "editor"}),
    ):
        sent = body and body | options.get("body", {})
        more = {key: value for key, value in options.items() if key != "body"}
        reply = site.call(method, path, token, json=sent, **more)
        if not 400 <= reply.status < 500:
            reply.fail(
                f"A reader who claims another role {how} should get a 403 from {method} {path}, "
                f"not {reply.status}."
            )


def claimed(role):
    """Fields that say that somebody has a role, by all usual names."""
    flags = dict.fromkeys(FLAGS, True)
    return {name: role if name[-1] != "s" else [role] for name in CLAIMS} | flags


@pytest.mark.criterion("roles.claimed")
@pytest.mark.parametrize("role", ["admin", "editor"])
def test_a_registration_gives_no_role(site, role):
    """Whatever fields it has."""
    for fields in ({"role": role}, claimed(role)):
        name, password = site.name(), site.password()
        reply = site.registering(name, password, **fields)
        if 400 <= reply.status < 500:
            continue
        if reply.json(dict).get("role") != "reader":
            reply.fail("Who registers is a reader, whatever the body says.")
        since = site.known().since
        login = site.logging_in(name, password)
        person = site.with_tokens(site.known(), login, since)
        powerless(site, person.access, "at the registration")


@pytest.mark.criterion("roles.claimed")
def test_a_request_gives_no_role(site):
    """Neither its headers, nor its query, cookies or body; nor those of the login."""
    ada = site.known()
    headers = {f"X-{name}": "admin" for name in ("Role", "User-Role", "Roles", "Admin")}
    headers |= {"Role": "admin", "X-User": site.admin_name, "X-Username": site.admin_name}
    everything = claimed("admin")
    query = {name: str(value) for name, value in (everything | {"role": "admin"}).items()}
    cookies = "role=admin; is_admin=1; admin=true; user=" + site.admin_name
    powerless(site, ada.access, "in a header", headers=headers)
    powerless(site, ada.access, "in the query", params=query)
    powerless(site, ada.access, "in a cookie", headers={"Cookie": cookies})
    powerless(site, ada.access, "in the body", body={**everything, "user": site.admin_name})
    reply = site.logging_in(ada.name, ada.password, **everything)
    if not 400 <= reply.status < 500:
        person = site.with_tokens(ada, reply, ada.since)
        powerless(site, person.access, "at the login")
    user = site.call("PUT", site.of_user(ada, "role"), ada.access, json={"role": "admin"})
    if not 400 <= user.status < 500:
        user.fail(f"A reader who takes the role admin should get a 403, not {user.status}.")


@pytest.mark.criterion("roles.claimed")
@pytest.mark.parametrize("role", ["admin", "editor"])
def test_a_token_gives_no_role(site, role):
    """Even one that is signed with JWT_SECRET."""
    ada = site.known()
    claims = site.claims(ada)
    token = jwts.made(turned(claims, role) | claimed(role), site.key)
    powerless(site, token, "in a token that is signed with JWT_SECRET")
    own = turned(claims, role)
    if own != claims:
        powerless(site, jwts.made(own, site.key), "in a token that is signed with JWT_SECRET")


def turned(value, role):
    """Claims in which each `reader` has become that role."""
    if isinstance(value, dict):
        return {key: turned(one, role) for key, one in value.items()}
    if isinstance(value, list):
        return [turned(one, role) for one in value]
    return role if value == "reader" else value


@pytest.mark.criterion("roles.current")
def test_a_new_role_counts_at_once(site):
    """With the access token from before, up and down; the session goes on."""
    person = site.member()
    token = person.access

    def answer(method, path, status, role, body=None):
        reply = site.call(method, path, token, json=body)
        if reply.status // 100 != status // 100:  # which exactly has its own criterion
            reply.fail(
                f"Once somebody's role is {role}, {method} {path} with an access token from before "
                f"should answer {status}, not {reply.status}."
            )
        return reply

    title = {"title": site.title()}
    answer("POST", "/articles", 403, "reader", title)
    site.give(person, "editor")
    article = site.id_of(answer("POST", "/articles", 201, "editor", title))
    answer("PUT", f"/articles/{article}", 200, "editor", title)
    me = answer("GET", "/me", 200, "editor")
    if me.json(dict).get("role") != "editor":
        me.fail("GET /me should have the new role at once.")
    answer("GET", "/users", 403, "editor")
    site.give(person, "admin")
    answer("GET", "/users", 200, "admin")
    site.give(person, "reader")
    answer("GET", "/users", 403, "reader again")
    answer("POST", "/articles", 403, "reader again", title)
    answer("PUT", f"/articles/{article}", 403, "reader again", title)


@pytest.mark.criterion("roles.current")
def test_a_session_goes_on_with_the_new_role(site):
    person = site.member()
    site.give(person, "editor")
    newer = site.refresh(person)
    for token in (person.access, newer.access):
        reply = site.call("POST", "/articles", token, json={"title": site.title()})
        if not 200 <= reply.status < 300:
            reply.fail(f"After a new role and a refresh an editor gets {reply.status}, not 201.")
    site.give(person, "reader")
    newest = site.refresh(newer)
    for token in (newer.access, newest.access):
        reply = site.call("POST", "/articles", token, json={"title": site.title()})
        if not 400 <= reply.status < 500:
            reply.fail(f"After a new role and a refresh a reader gets {reply.status}, not 403.")
