"""What `sum` answers."""

import pytest


@pytest.mark.criterion("sum.arguments")
def test_arguments(run, draw):
    numbers = [draw.integer(1, 1000) for _ in range(3)]
    calls = [run.prepare("sum", *map(str, numbers[: count + 1])) for count in range(3)]
    for count, ran in enumerate(run.together(calls)):
        wanted = sum(numbers[: count + 1])
        if ran.expect(0).output.strip() != str(wanted):
            ran.fail(f"The sum is {wanted}; it printed something else.")


@pytest.mark.criterion("sum.input")
def test_standard_input(run, draw):
    numbers = [draw.integer(1, 1000) for _ in range(400)]
    ran = run("sum", stdin="".join(f"{one}\n" for one in numbers)).expect(0)
    if ran.lines != [str(sum(numbers))]:
        ran.fail("It should print one line, the sum of what it reads from its standard input.")


@pytest.mark.criterion("sum.file")
def test_file(run):
    ran = run("sum", "--file", "/tmp/numbers.txt", files={"/tmp/numbers.txt": "4\n5\n"}).expect(0)
    if ran.output.strip() != "9":
        ran.fail("It should print the sum of the numbers in the file.")


@pytest.mark.criterion("sum.save")
def test_save(run):
    ran = run("sum", "--save", "/tmp/sum.txt", "4", "6", read=["/tmp/sum.txt"]).expect(0)
    if ran.files.get("/tmp/sum.txt", "").strip() != "10":
        ran.fail("It should write the sum into the file.")


@pytest.mark.criterion("sum.refused")
def test_refused(run):
    ran = run("sum", "4", "four").expect(2)
    if "four" not in ran.errors or "Traceback" in ran.errors or ran.output.strip():
        ran.fail("It should name the word on standard error, in one line, and print nothing else.")


@pytest.mark.criterion("sum.asks")
def test_asks(run):
    typed = [("number? ", "4\n"), ("number? ", "5\n"), ("number? ", "\x03")]
    ran = run("sum", "--ask", terminal=True, typed=typed).expect(0)
    if not ran.output.rstrip().endswith("9"):
        ran.fail("At Ctrl-C it should print the sum of what was typed.")


@pytest.mark.criterion("sum.scale")
def test_scale(run, environment, secrets):
    assert len(secrets["TOKEN"]) > 20, "the suite knows what was injected"
    own = run("sum", "--scale", "5").expect(0).output.strip()
    other = run("sum", "--scale", "5", environment={"SCALE": "7"}).expect(0).output.strip()
    if (own, other) != (str(5 * int(environment["SCALE"])), "35"):
        run("sum", "--scale", "5").fail(
            f"With SCALE 3 and 7, 5 becomes 15 and 35, not {own} and {other}."
        )


@pytest.mark.criterion("sum.apart")
def test_apart(run):
    shell = ["sh", "-c", "ls /tmp; echo kept > /tmp/kept"]
    first, second = (run(entrypoint=shell).expect(0) for _ in range(2))
    if "kept" in first.output + second.output:
        second.fail("It should begin with the image as it was built.")
