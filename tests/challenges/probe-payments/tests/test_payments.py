import pytest


def order(app, **more):
    """Makes an order and returns its id as text."""
    return str(
        app.post("/orders", json={"item": "book", "quantity": 2, **more})
        .expect(201)
        .json(dict)["id"]
    )


def state(app, number):
    return app.get(f"/orders/{number}").expect(200).json(dict)


@pytest.mark.criterion("order.charged")
def test_the_price_is_the_shop_s(app, payments):
    number = order(app, amount=1, price=1, total=1)
    (charge,) = payments.exactly(1, order=number, quiet=0.3)
    assert (charge.amount, charge.currency) == (2500, "eur"), "Two books cost 2500."


@pytest.mark.criterion("order.paid")
def test_it_is_paid_once_the_provider_says_so(app, payments):
    payments.hold()
    number = order(app)
    (charge,) = payments.charges(order=number)
    assert state(app, number) == {"state": "pending", "issued": 0}
    payments.deliver(charge).expect_accepted()
    assert state(app, number) == {"state": "paid", "issued": 2}


@pytest.mark.criterion("order.paid")
def test_the_webhook_may_come_first(app, payments):
    payments.early()
    number = order(app)
    (charge,) = payments.charges(order=number)
    payments.wait_until_told(charge)
    assert state(app, number) == {"state": "paid", "issued": 2}


@pytest.mark.criterion("order.declined")
def test_a_declined_card_is_no_order(app, payments):
    payments.decline(1)
    app.post("/orders", json={"item": "ticket", "quantity": 1}).expect(402)


@pytest.mark.criterion("order.retried")
def test_a_lost_answer_charges_once(app, payments):
    payments.drop(1)
    number = order(app)
    (charge,) = payments.exactly(1, order=number, quiet=0.5)
    payments.wait_until_told(charge)


@pytest.mark.criterion("webhook.once")
def test_what_comes_again_issues_nothing_again(app, payments):
    payments.hold()
    number = order(app)
    (charge,) = payments.charges(order=number)
    payments.deliver_together(charge, 3)
    payments.deliver(charge).expect_accepted()
    assert state(app, number) == {"state": "paid", "issued": 2}, (
        "A webhook that came again has issued tickets again."
    )


@pytest.mark.criterion("webhook.signed")
@pytest.mark.parametrize("how", ["secret", "unsigned", "body"])
def test_a_forged_webhook_is_refused(app, payments, how):
    payments.hold()
    number = order(app)
    (charge,) = payments.charges(order=number)
    payments.forge(charge, how=how, amount=1).expect_refused()
    assert state(app, number)["state"] == "pending", "A forged webhook has paid the order."


@pytest.mark.criterion("webhook.fresh")
def test_an_old_webhook_is_refused(app, payments):
    payments.hold()
    number = order(app)
    (charge,) = payments.charges(order=number)
    payments.replay(charge, age=900).expect_refused()


@pytest.mark.criterion("payments.outage")
def test_an_outage_is_told_and_over(app, payments):
    with payments.outage():
        app.post("/orders", json={"item": "ticket", "quantity": 1}).expect(503)
    (charge,) = payments.wait_for(order=order(app))
    payments.wait_until_told(charge)
