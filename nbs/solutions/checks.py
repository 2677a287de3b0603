"What the exercises are checked against: each function raises AssertionError naming the case that failed."


def check_2_1(answer):
    assert answer == 2 + 2, "two and two, counted on your fingers"
