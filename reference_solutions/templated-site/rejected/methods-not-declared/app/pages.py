"""The routes."""

from flask import Blueprint, abort, render_template, request

from .database import query

blueprint = Blueprint("pages", __name__)

NEWEST_FIRST = "ORDER BY added_on DESC, id DESC"


@blueprint.get("/health")
def health():
    return {"status": "ok"}


@blueprint.get("/")
def home():
    products = query(f"SELECT * FROM products {NEWEST_FIRST} LIMIT 4")
    return render_template("home.html", products=products)


@blueprint.route("/products", methods=["GET", "POST"])
def product_list():
    text = request.args.get("q", "")
    category = request.args.get("category", "")
    conditions, values = ["TRUE"], []
    if text:
        # LOCATE takes every character as it is; LIKE has a meaning for % and _.
        conditions.append("(LOCATE(%s, name) OR LOCATE(%s, description))")
        values += [text, text]
    if category:
        conditions.append("category = %s")
        values.append(category)
    where = " AND ".join(conditions)  # fixed pieces only: all values are parameters
    categories = query("SELECT DISTINCT category FROM products ORDER BY category")
    return render_template(
        "products.html",
        products=query(f"SELECT * FROM products WHERE {where} {NEWEST_FIRST}", values),
        categories=[row["category"] for row in categories],
        q=text,
        category=category,
    )


@blueprint.get("/products/<int:product_id>")
def product(product_id):
    rows = query("SELECT * FROM products WHERE id = %s", [product_id])
    if not rows:
        abort(404)
    return render_template("product.html", product=rows[0])


@blueprint.get("/about")
def about():
    return render_template("about.html")
