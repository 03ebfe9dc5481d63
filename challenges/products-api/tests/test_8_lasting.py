"""What is still there in a new container."""

import pytest
from conftest import FIELDS, V2


@pytest.mark.criterion("create.persists")
def test_products_are_there_in_a_new_container(app, api):
    """One by one, in bulk, changed and deleted; and it goes on from there."""
    one, other, gone = api.body(), api.body(), api.product()
    api.post(one)
    api.bulk([other])
    changed = api.product(stock=1)
    api.patch(changed, {"stock": 42})
    api.call("DELETE", f"{V2}/{gone}", headers={"If-Match": api.tag(gone)})
    before = api.rows()
    key = api.key()
    app.recreate()
    api.shared.pop("key", None)
    assert api.rows() == before, "A new container of the app has changed the table."
    for body in (one, other):
        row = api.row_of(body["sku"])
        if row is None:
            pytest.fail("A product that was added is not in the table.")
        read = api.get(f"{V2}/{row['id']}", key=key).expect(200).json(dict, labelled=False)
        assert all(read.get(name) == body[name] for name in FIELDS), "A product has changed."
    reply = api.get(f"{V2}/{changed}", key=key)
    if reply.json(dict, labelled=False).get("stock") != 42:
        reply.fail("What PATCH has changed should be so in a new container, too.")
    api.get(f"{V2}/{gone}", key=key).expect(404)
    if api.post(api.body()).status >= 400:
        api.post(api.body()).fail("In a new container a product should be added as before.")
