from __future__ import annotations

from tests.benchmarks.table import layout, number


def test_columns_line_up_with_numbers_flush_right() -> None:
    assert layout(["server", "c=1"], [["a", "5"], ["longer name", "11,519"]]).splitlines() == [
        "server          c=1",
        "-----------  ------",
        "a                 5",
        "longer name  11,519",
    ]


def test_a_remark_does_not_widen_the_columns() -> None:
    table = layout(["server", "c=1", "c=2"], [["a", "5", "6"], ["b", "left out: it did not start"]])
    assert table.splitlines()[0] == "server  c=1  c=2"
    assert table.splitlines()[-1] == "b       left out: it did not start"


def test_numbers_have_their_thousands_separated_and_none_is_a_dash() -> None:
    assert [number(11519.4), number(0.126, 2), number(None)] == ["11,519", "0.13", "-"]
