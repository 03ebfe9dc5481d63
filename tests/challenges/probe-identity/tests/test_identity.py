import pytest


def refused(app, identity, about):
    """Whoever the provider lies about is not signed in."""
    identity.lie(about)
    browser = app.session()
    reply = identity.log_in(browser)
    browser.get("/me").expect(401)
    reply.expect(range(400, 500))


@pytest.mark.criterion("login.done")
def test_who_signs_in_is_known(app, identity, draw):
    user, browser = draw.word(), app.session()
    assert identity.log_in(browser, user=user).expect(302, 303).location == "/me"
    assert browser.get("/me").expect(200).json(dict) == {"user": user}
    app.session().get("/me").expect(401)


@pytest.mark.criterion("login.denied")
def test_who_does_not_sign_in_is_not_known(app, identity):
    browser = app.session()
    browser.get(identity.deny(browser.get("/login"))).expect(range(400, 500))
    browser.get("/me").expect(401)


@pytest.mark.criterion("login.pkce")
def test_a_login_is_bound(app, identity):
    for _ in range(2):
        identity.log_in(app.session())
    first, second = identity.requests()[-2:]
    assert first.code_challenge_method == "S256", "The app does not use PKCE."
    assert identity.token_requests()[-1].verifier, "The app sends no code_verifier."
    assert len({first.code_challenge, second.code_challenge}) == 2
    assert len({first.state, second.state}) == 2, "Two logins have one state."
    assert len({first.nonce, second.nonce}) == 2, "Two logins have one nonce."


@pytest.mark.criterion("login.state")
def test_another_state_is_refused(app, identity):
    refused(app, identity, "state")


@pytest.mark.criterion("login.state")
def test_the_way_back_is_no_one_else_s(app, identity):
    back = identity.sign_in(app.session().get("/login"), user="mallory")
    victim = app.session()
    victim.get("/login")
    victim.get(back).expect(range(400, 500))
    victim.get("/me").expect(401)


@pytest.mark.criterion("login.nonce")
def test_another_nonce_is_refused(app, identity):
    refused(app, identity, "nonce")


@pytest.mark.criterion("login.audience")
def test_a_token_for_another_client_is_refused(app, identity):
    refused(app, identity, "audience")


@pytest.mark.criterion("login.issuer")
def test_a_token_of_another_issuer_is_refused(app, identity):
    refused(app, identity, "issuer")


@pytest.mark.criterion("login.signature")
@pytest.mark.parametrize("about", ["signature", "algorithm"])
def test_a_forged_token_is_refused(app, identity, about):
    refused(app, identity, about)


@pytest.mark.criterion("login.expired")
def test_a_token_that_has_expired_is_refused(app, identity):
    refused(app, identity, "expired")


@pytest.mark.criterion("login.subject")
def test_userinfo_of_somebody_else_is_refused(app, identity):
    refused(app, identity, "subject")


@pytest.mark.criterion("identity.outage")
def test_an_outage_is_told_and_over(app, identity):
    browser = app.session()
    back = identity.sign_in(browser.get("/login"))
    with identity.outage():
        browser.get(back).expect(503)
    browser.get("/me").expect(401)
    identity.log_in(app.session()).expect(302, 303)


@pytest.mark.criterion("identity.rotated")
def test_a_new_key_is_found(app, identity):
    identity.log_in(app.session()).expect(302, 303)
    identity.rotate()
    identity.log_in(app.session()).expect(302, 303)
