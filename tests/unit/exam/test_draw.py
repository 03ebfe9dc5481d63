"""Random data of a seed."""

from grader.exam.draw import Draw


def sample(draw: Draw) -> list[object]:
    return [
        draw.word(),
        draw.name(),
        draw.sentence(),
        draw.unicode(),
        draw.text(30),
        draw.integer(1, 9),
        draw.sample("abc", 2),
        draw.injections(),
        draw.markup(),
    ]


def test_one_seed_gives_the_same_data_again() -> None:
    """A run can be replayed from its seed."""
    assert sample(Draw("7:t")) == sample(Draw("7:t"))
    assert sample(Draw("7:t")) != sample(Draw("8:t"))


def test_each_call_gives_something_new() -> None:
    """Two names of one run never collide."""
    draw = Draw("1")
    assert len({draw.sentence() for _ in range(500)}) == 500
    assert len({draw.name() for _ in range(500)}) == 500


def test_unicode_leaves_the_basic_plane() -> None:
    """A table in MySQL's old three-byte utf8 cannot hold it."""
    assert any(ord(letter) > 0xFFFF for letter in Draw("1").unicode())


def test_text_has_the_length_asked_for() -> None:
    """Limits are tried at their edge."""
    assert len(Draw("1").text(121)) == 121
