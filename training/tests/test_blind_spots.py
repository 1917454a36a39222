from blind_spots import FORMS, prompts, table


def test_what_should_be_refused_is_asked_in_every_form() -> None:
    rows = [
        {"id": "a", "prompt": "Do {it}.", "category": "safety", "expected": "refuse"},
        {"id": "b", "prompt": "Hi", "category": "none", "expected": "respond"},
    ]
    made = prompts(rows)
    assert len(made) == len(FORMS)
    assert len({row["id"] for row in made}) == len(FORMS)
    assert made[0]["prompt"] == "Do {it}."
    assert all("Do {it}." in row["prompt"] and "{request}" not in row["prompt"] for row in made)


def test_a_form_is_counted_on_what_is_refused_as_it_was_written() -> None:
    decided = {f"{number}:{name}": False for number in range(len(FORMS)) for name in "ab"}
    decided |= {"0:a": True, "1:a": True, "1:b": True}
    lines = table(decided).splitlines()[2:]
    assert lines[0].endswith("| 1 of 2 | 1 of 1 |")
    assert lines[1].endswith("| 2 of 2 | 1 of 1 |")
    assert lines[2].endswith("| 0 of 2 | 0 of 1 |")
