"""User text stays inside its code span, as a reader of Markdown sees it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from edgevit.sdk.markdown import code, table

_SPAN = re.compile(r"(?s)(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
"""CommonMark 6.1: a run of backticks, up to the next run of the same length."""


@given(st.text(alphabet=st.sampled_from("`a |\n\r*[]()<>\\\u2028\u0000"), max_size=30))
def test_a_code_span_is_one_span_on_one_line(text: str) -> None:
    span = code(text)
    assert len(span.splitlines()) == 1
    match = _SPAN.fullmatch(span)
    assert match is not None
    content = match[2]
    if content.startswith(" ") and content.endswith(" ") and content.strip():
        content = content[1:-1]
    visible = re.sub(r"[\x00-\x1f\u2028]+", " ", text).strip()
    assert content.strip() == visible


def test_bars_do_not_split_cells() -> None:
    lines = table(("a", "b"), [("x|y", code("1|2"))]).splitlines()
    assert lines[2] == r"| x\|y | `1\|2` |"
