"""What a message may look like. Both the form and the API check with this."""

LIMITS = {"author": 60, "text": 500}


def errors_of(fields):
    """A sentence for each wrong field of the mapping `fields`."""
    errors = {}
    for name, limit in LIMITS.items():
        value = fields.get(name)
        if not isinstance(value, str) or not value.strip():
            errors[name] = f"The {name} must not be blank."
        elif len(value) > limit:
            errors[name] = f"The {name} must not be longer than {limit} characters."
        elif any("\ud800" <= character <= "\udfff" for character in value):
            errors[name] = f"The {name} must not hold half a character."
    return errors
