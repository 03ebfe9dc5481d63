"""The OpenAPI document, made of the rules that requests are checked by."""

from .queries import MOST_CENTS, SORTS
from .rules import FIELDS, MOST_ITEMS

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
ID = {"type": "integer", "minimum": 1}
PRODUCT = {"id": ID} | {name: rule.schema for name, rule in FIELDS.items()}
OLD = {
    "id": ID,
    "sku": TEXT,
    "name": TEXT,
    "category": TEXT,
    "price": TEXT,
    "in_stock": {"type": "boolean"},
}
NUMBER = {"name": "id", "in": "path", "required": True, "schema": ID}
MATCH = {"name": "If-Match", "in": "header", "schema": TEXT}


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def closed(fields, **more):
    return {"type": "object", "properties": fields, "additionalProperties": False} | more


def full(fields):
    return {"type": "object", "properties": fields, "required": list(fields)}


def query(name, schema):
    return {"name": name, "in": "query", "schema": schema}


def whole(least, most):
    return {"type": "integer", "minimum": least, "maximum": most}


def body(name):
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


def operation(summary, success, *statuses, answer=None, **more):
    known = {"description": "Done."}
    if answer:
        known["content"] = {"application/json": {"schema": ref(answer)}}
    problem = {"$ref": "#/components/responses/Problem"}
    bad = {str(status): problem for status in (*statuses, 401, 429)}
    return {"summary": summary, "responses": {str(success): known} | bad} | more


FIELDS_ASKED = query("fields", TEXT | {"description": "Names, separated by commas."})
FILTERS = [
    query("category", TEXT),
    query("min_price_cents", whole(0, MOST_CENTS)),
    query("max_price_cents", whole(0, MOST_CENTS)),
    query("in_stock", {"type": "boolean"}),
    query("sort", {"type": "string", "enum": [*SORTS, *(f"-{name}" for name in SORTS)]}),
    query("limit", whole(1, 100) | {"default": 20}),
    query("cursor", TEXT),
    FIELDS_ASKED,
]
OLD_FILTERS = [
    query("page", whole(1, 100_000)),
    query("per_page", whole(1, 100)),
    query("category", TEXT),
]
ONE = operation("One product", 200, 400, 404, answer="SomeOfAProduct", parameters=[FIELDS_ASKED])
ONE["responses"]["304"] = {"description": "It is as the client knows it."}
PROBLEM = {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT}
FAULT = full({"pointer": TEXT, "detail": TEXT})

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Products API", "version": "2.0.0"},
    "paths": {
        "/api/v2/products": {
            "get": operation("A page", 200, 400, answer="Page", parameters=FILTERS),
            "post": operation(
                "Add a product", 201, 400, 409, 415,
                answer="Product", requestBody=body("NewProduct"),
            ),
        },
        "/api/v2/products/bulk": {
            "post": operation(
                "Add products, all or none", 201, 400, 409, 415,
                answer="Products", requestBody=body("NewProducts"),
            ),
        },
        "/api/v2/products/{id}": {
            "parameters": [NUMBER],
            "get": ONE,
            "patch": operation(
                "Change fields", 200, 400, 404, 409, 412, 415, 428,
                answer="Product", requestBody=body("Change"), parameters=[MATCH],
            ),
            "delete": operation("Delete it", 204, 404, 412, 428, parameters=[MATCH]),
        },
        "/api/v1/products": {
            "get": operation("A page", 200, 400, answer="OldPage", parameters=OLD_FILTERS)
        },
        "/api/v1/products/{id}": {
            "parameters": [NUMBER],
            "get": operation("One product", 200, 404, answer="OldProduct"),
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        "responses": {
            "Problem": {
                "description": "A problem.",
                "content": {"application/problem+json": {"schema": ref("Problem")}},
            }
        },
        "schemas": {
            "NewProduct": closed(
                {name: rule.schema for name, rule in FIELDS.items()},
                required=[name for name, rule in FIELDS.items() if rule.default is None],
            ),
            "NewProducts": closed(
                {
                    "items": {
                        "type": "array",
                        "items": ref("NewProduct"),
                        "minItems": 1,
                        "maxItems": MOST_ITEMS,
                    }
                },
                required=["items"],
            ),
            "Change": closed(
                {name: rule.schema for name, rule in FIELDS.items()}, minProperties=1
            ),
            "Product": full(PRODUCT),
            "SomeOfAProduct": {"type": "object", "properties": PRODUCT},
            "Products": full({"items": {"type": "array", "items": ref("Product")}}),
            "Page": full(
                {
                    "items": {"type": "array", "items": ref("SomeOfAProduct")},
                    "next_cursor": {"type": "string", "nullable": True},
                }
            ),
            "OldProduct": full(OLD),
            "OldPage": full(
                {
                    "items": {"type": "array", "items": ref("OldProduct")},
                    "page": ID,
                    "per_page": ID,
                    "total": COUNT,
                }
            ),
            "Problem": {
                "type": "object",
                "required": list(PROBLEM),
                "properties": PROBLEM | {"errors": {"type": "array", "items": FAULT}},
            },
        },
    },
    "security": [{"key": []}],
}
