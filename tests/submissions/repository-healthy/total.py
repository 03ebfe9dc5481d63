"""Sums numbers."""


def total(numbers):
    return sum(numbers)


print(total([4, 5]))
