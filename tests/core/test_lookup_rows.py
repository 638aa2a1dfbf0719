"""CSV text is checked as a lookup table before it is sent, and faults are told by their lines."""

import pytest

from mixpanel_mcp_core.errors import InvalidInputError
from mixpanel_mcp_core.lookup_rows import check_csv

LARGEST = 10_000


@pytest.mark.parametrize(
    "table",
    [
        "id,name\n1,A\n2,B\n",
        "id,name\r\n1,A\r\n\r\n2,B",
        "\ufeffid,name\n1,A\n",
        'id,name\n1,"A, or\n""B"""\n',
        "id,name\n1,\n",
        "id\n1\n",
        "id,name\n",
    ],
)
def test_a_table_passes(table: str) -> None:
    """Quoted text may have commas, quotes and lines; blank lines and cells are nothing."""
    check_csv(table.encode(), "csv", LARGEST)


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        (b"", ["line 1: a column needs a name"]),
        (b"id, \n1,A\n", ["line 1: a column needs a name"]),
        (b"id,id\n1,A\n", ["line 1: there is another column 'id'"]),
        (b"id,name\n1\n", ["line 2: has 1 values for 2 columns"]),
        (b"id,name\n ,A\n", ["line 2: the key, its first value, is empty"]),
        (
            b'id,name\n1,"A\nB"\n\n1,C\n',
            ["line 5: has the key '1' of line 2"],
        ),
        (b'id,name\n1,"A"B\n', ["no CSV in UTF-8: line 2: ',' expected after '\"'"]),
        (b'id,name\n1,"A\n', ["no CSV in UTF-8: line 2: unexpected end of data"]),
        (
            b"id,name\n1,\xff\n",
            [
                "no CSV in UTF-8: 'utf-8' codec can't decode byte 0xff in position 10: invalid "
                "start byte"
            ],
        ),
        (b"i" * 10_001, ["has 10,001 bytes; at most 10,000 are taken"]),
    ],
)
def test_what_is_no_table_is_refused(table: bytes, problems: list[str]) -> None:
    """Names, keys, the number of cells, quotes, the encoding and the size."""
    with pytest.raises(InvalidInputError) as refusal:
        check_csv(table, "csv", LARGEST)
    assert refusal.value.details["problems"] == [
        {"field": "csv", "problem": problem} for problem in problems
    ]


def test_of_many_faults_ten_are_told() -> None:
    """And how many more there are."""
    table = "id,name\n" + ",A\n" * 25
    with pytest.raises(InvalidInputError) as refusal:
        check_csv(table.encode(), "csv", LARGEST)
    assert len(refusal.value.details["problems"]) == 10
    assert refusal.value.message.endswith("; and 15 more")
