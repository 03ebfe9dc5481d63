"""What comes in and goes out."""

from typing import Annotated, Literal

from flask import request
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)

from .problems import bad


def not_blank(value):
    if not value.strip():
        raise ValueError("it is only white space")
    return value


Sku = Annotated[StrictStr, StringConstraints(pattern=r"^[A-Z0-9-]{3,20}$")]
Name = Annotated[
    StrictStr, StringConstraints(min_length=1, max_length=80), AfterValidator(not_blank)
]
Category = Annotated[StrictStr, StringConstraints(pattern=r"^[a-z0-9-]{1,30}$")]
Description = Annotated[StrictStr, StringConstraints(max_length=500)]
Cents = Annotated[StrictInt, Field(ge=0, le=10_000_000)]
Stock = Annotated[StrictInt, Field(ge=0, le=1_000_000)]


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @classmethod
    def of_request(cls):
        if not request.is_json:
            raise bad("Send application/json.")
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise bad("Send a JSON object.")
        return cls.model_validate(body)


class NewProduct(Sent):
    sku: Sku
    name: Name
    category: Category
    description: Description = ""
    price_cents: Cents
    stock: Stock


class NewProducts(Sent):
    items: Annotated[list[NewProduct], Field(min_length=1, max_length=100)]


class Change(Sent):
    sku: Sku = None
    name: Name = None
    category: Category = None
    description: Description = None
    price_cents: Cents = None
    stock: Stock = None

    @model_validator(mode="after")
    def names_a_field(self):
        if not self.model_fields_set:
            raise ValueError("send a field to change")
        return self


class Product(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    sku: str
    name: str
    category: str
    description: str
    price_cents: int
    stock: int


class SomeOfAProduct(BaseModel):
    """What `fields` leaves."""

    id: int = 0
    sku: str = ""
    name: str = ""
    category: str = ""
    description: str = ""
    price_cents: int = 0
    stock: int = 0


class Products(BaseModel):
    items: list[Product]


class Page(BaseModel):
    items: list[SomeOfAProduct]
    next_cursor: str | None


class OldProduct(BaseModel):
    id: int
    sku: str
    name: str
    category: str
    price: str
    in_stock: bool

    @classmethod
    def of(cls, product):
        whole, rest = divmod(product.price_cents, 100)
        return cls(
            id=product.id, sku=product.sku, name=product.name, category=product.category,
            price=f"{whole}.{rest:02d}", in_stock=product.stock > 0,
        )  # fmt: skip


class OldPage(BaseModel):
    items: list[OldProduct]
    page: int
    per_page: int
    total: int


class Fault(BaseModel):
    pointer: str
    detail: str


class ProblemBody(BaseModel):
    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class Queried(Sent):
    """A query: each value is a text, and what the pattern says."""

    @classmethod
    def of_request(cls):
        found = {}
        for name, text in request.args.items():
            field = cls.model_fields.get(name)
            if field is not None and field.annotation is int:
                if not (text.isascii() and text.isdigit() and len(text) < 12):
                    raise bad(f"{name}: digits only.")
                text = int(text)
            found[name] = text
        return cls.model_validate(found)


Sort = Literal["id", "-id", "name", "-name", "price_cents", "-price_cents", "stock", "-stock"]


class WithFields(Queried):
    fields: Annotated[str, Field(min_length=1)] = ",".join(Product.model_fields)

    @property
    def names(self):
        names = self.fields.split(",")
        if any(name not in Product.model_fields for name in names):
            raise bad("fields: it names what is no field.")
        return names


class ListQuery(WithFields):
    category: Annotated[str, Field(min_length=1)] = None
    min_price_cents: Cents = None
    max_price_cents: Cents = None
    in_stock: Literal["true", "false"] = None
    sort: Sort = "id"
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(min_length=1)] = None


class OldQuery(Queried):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    category: Annotated[str, Field(min_length=1)] = None
