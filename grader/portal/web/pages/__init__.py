"""The pages, by whom they are for."""

from grader.portal.web.pages import (
    api,
    assignments,
    auth,
    classes,
    courses,
    history,
    home,
    live,
    notifications,
    openid,
    operators,
    regrades,
    submissions,
    system,
    teaching,
    tokens,
)

BLUEPRINTS = (
    auth.blueprint,
    openid.blueprint,
    home.blueprint,
    assignments.blueprint,
    submissions.blueprint,
    history.blueprint,
    live.blueprint,
    courses.blueprint,
    teaching.blueprint,
    classes.blueprint,
    regrades.blueprint,
    operators.blueprint,
    notifications.blueprint,
    tokens.blueprint,
    api.blueprint,
    system.blueprint,
)
"""All of them."""
