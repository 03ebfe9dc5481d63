"""What a part of a path may be."""

from werkzeug.routing import BaseConverter, ValidationError

LARGEST = 1_000_000


class WholeNumber(BaseConverter):
    """0 to 1000000, in the digits 0 to 9. Flask's own int takes digits of any script."""

    regex = "[0-9]{1,7}"

    def to_python(self, value):
        if int(value) > LARGEST:
            raise ValidationError
        return int(value)
