"""What comes in and goes out."""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr,
)  # fmt: skip

NAMES = ("id", "sku", "name", "category", "description", "price_cents", "stock")


def digits(value):
    if isinstance(value, str) and not re.fullmatch("[0-9]{1,12}", value):
        raise ValueError("digits only")
    return value


def not_blank(value):
    if value.isspace():
        raise ValueError("it is only white space")
    return value


def names_only(value):
    if any(name not in NAMES for name in value.split(",")):
        raise ValueError("it names what is no field")
    return value


Digits = BeforeValidator(digits)
Sku = Annotated[StrictStr, Field(pattern="^[A-Z0-9-]+$", min_length=3, max_length=20)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=80), AfterValidator(not_blank)]
Category = Annotated[StrictStr, Field(pattern="^[a-z0-9-]+$", min_length=1, max_length=30)]
Description = Annotated[StrictStr, Field(max_length=500)]
Cents = Annotated[StrictInt, Field(ge=0, le=10_000_000)]
Stock = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
SomeCents = Annotated[int, Field(ge=0, le=10_000_000), Digits]
Sort = Literal["id", "name", "price_cents", "stock", "-id", "-name", "-price_cents", "-stock"]
Text = Annotated[str, Field(min_length=1)]
Names = Annotated[str, Field(min_length=1), AfterValidator(names_only)]


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProduct(Sent):
    sku: Sku
    name: Name
    category: Category
    description: Description = ""
    price_cents: Cents
    stock: Stock


class NewProducts(Sent):
    items: list[NewProduct] = Field(min_length=1, max_length=100)


class Change(Sent):
    sku: Sku = None
    name: Name = None
    category: Category = None
    description: Description = None
    price_cents: Cents = None
    stock: Stock = None


class Asked(Sent):
    fields: Names | None = None

    def picked(self, row):
        return {name: row[name] for name in (self.fields.split(",") if self.fields else NAMES)}


class Listed(Asked):
    category: Text | None = None
    min_price_cents: SomeCents | None = None
    max_price_cents: SomeCents | None = None
    in_stock: Literal["true", "false"] | None = None
    sort: Sort = "id"
    limit: Annotated[int, Field(ge=1, le=100), Digits] = 20
    cursor: Text | None = None


class OldListed(Sent):
    page: Annotated[int, Field(ge=1, le=100_000), Digits] = 1
    per_page: Annotated[int, Field(ge=1, le=100), Digits] = 20
    category: Text | None = None


class Product(BaseModel):
    id: int
    sku: str
    name: str
    category: str
    description: str
    price_cents: int
    stock: int


class Products(BaseModel):
    items: list[Product]


class OldProduct(BaseModel):
    id: int
    sku: str
    name: str
    category: str
    price: str
    in_stock: bool


class OldPage(BaseModel):
    items: list[OldProduct]
    page: int
    per_page: int
    total: int


class Fault(BaseModel):
    pointer: str
    detail: str


class Problem(BaseModel):
    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []
