"""The list and the pages of products, and how their values are shown."""

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup, escape

from ..models import Product, categories, db, newest

shop = Blueprint("shop", __name__, template_folder="templates")


@shop.app_template_filter()
def money(cents):
    euros, rest = divmod(cents, 100)
    return f"{euros:,}.{rest:02} {current_app.config['CURRENCY']}" if cents else "free"


@shop.app_template_filter()
def long_date(day):
    return day.strftime("%-d %B %Y")


@shop.app_template_filter()
def paragraphs(text):
    """Each line as a paragraph. What goes into the HTML is escaped here, so it is safe after it."""
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in text.split("\n"))


@shop.app_template_filter()
def quoted(text):
    return Markup("<q>{}</q>").format(escape(text))


@shop.get("", strict_slashes=False)
def index():
    text, category = request.args.get("q", ""), request.args.get("category", "")
    conditions = []
    if text:
        found_in = (Product.name, Product.description)
        # autoescape takes care of % and _
        conditions.append(db.or_(*(one.icontains(text, autoescape=True) for one in found_in)))
    if category:
        conditions.append(Product.category == category)
    return render_template(
        "shop/list.html", products=newest(*conditions), categories=categories(),
        searched=text, chosen=category,
    )  # fmt: skip


@shop.get("/<int:number>")
def show(number):
    product = db.get_or_404(Product, number)
    return render_template("shop/show.html", product=product)
