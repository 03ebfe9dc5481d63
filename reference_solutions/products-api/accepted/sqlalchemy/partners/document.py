"""The document, made of the models."""

from pydantic.json_schema import models_json_schema

from . import models

MODELS = (
    models.NewProduct, models.NewProducts, models.Change, models.Product, models.SomeOfAProduct,
    models.Products, models.Page, models.OldProduct, models.OldPage, models.ProblemBody,
)  # fmt: skip
ERRORS = {
    400: "What was sent breaks the rules",
    401: "No key that counts",
    404: "No such product",
    409: "A SKU that is taken",
    412: "It has changed",
    428: "No If-Match",
    429: "Too many requests",
}


def ref(model):
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def queried(model):
    schema = model.model_json_schema()["properties"]
    found = []
    for name, one in schema.items():
        one.pop("default", None)
        found.append({"name": name, "in": "query", "required": False, "schema": one})
    return found


def operation(success, model, *errors, sent=None, query=None, known=False):
    responses = {str(success): {"description": "Done"}}
    if model:
        responses[str(success)]["content"] = {"application/json": {"schema": ref(model)}}
    if known:
        responses["304"] = {"description": "As it is known"}
    for status in (*errors, 401, 429):
        content = {"application/problem+json": {"schema": ref(models.ProblemBody)}}
        responses[str(status)] = {"description": ERRORS[status], "content": content}
    found = {"responses": responses}
    if sent:
        content = {"application/json": {"schema": ref(sent)}}
        found["requestBody"] = {"required": True, "content": content}
    if query:
        found["parameters"] = queried(query)
    return found


def make():
    _, schemas = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Products for partners", "version": "2"},
        "paths": {
            "/api/v2/products": {
                "get": operation(200, models.Page, 400, query=models.ListQuery),
                "post": operation(201, models.Product, 400, 409, sent=models.NewProduct),
            },
            "/api/v2/products/bulk": {
                "post": operation(201, models.Products, 400, 409, sent=models.NewProducts)
            },
            "/api/v2/products/{number}": {
                "parameters": [number],
                "get": operation(
                    200, models.SomeOfAProduct, 400, 404, query=models.WithFields, known=True
                ),
                "patch": operation(
                    200, models.Product, 400, 404, 409, 412, 428, sent=models.Change
                ),
                "delete": operation(204, None, 404, 412, 428),
            },
            "/api/v1/products": {
                "get": operation(200, models.OldPage, 400, query=models.OldQuery)
            },
            "/api/v1/products/{number}": {
                "parameters": [number],
                "get": operation(200, models.OldProduct, 404),
            },
        },
        "components": {"schemas": schemas["$defs"]},
    }
