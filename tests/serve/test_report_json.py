"""``report.json`` is laid out as the standard library does it, and read back a person at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niteru.serve.report.report_json import NAME, ReadReport, ReportJson

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
PAIRS = st.lists(st.dictionaries(st.text(), VALUES, min_size=1, max_size=3), max_size=3)
PEOPLE = st.fixed_dictionaries(
    {
        "person": st.text(),
        "columns": st.dictionaries(st.text(), st.lists(st.text(), max_size=2), max_size=2),
        "faces": st.integers(),
        "nearest": PAIRS,
        "relatives": PAIRS,
    }
)


@settings(max_examples=50, deadline=None)
@given(
    people=st.lists(PEOPLE, max_size=4),
    overview=st.dictionaries(st.sampled_from(["version", "news", "asked"]), PAIRS, min_size=1),
    rest=st.dictionaries(st.sampled_from(["suspects", "families"]), PAIRS),
)
def test_it_is_what_the_standard_library_writes(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[dict[str, Any]],
    overview: dict[str, Any],
    rest: dict[str, Any],
) -> None:
    folder: Path = tmp_path_factory.mktemp("report")
    with ReportJson(folder, overview) as document:
        for one in people:
            single = {key: one[key] for key in ("person", "columns", "faces")}
            document.add(single, nearest=one["nearest"], relatives=one["relatives"])
        document.end(rest)
    in_order = [{key: one[key] for key in ("person", "columns", "faces", "nearest", "relatives")} for one in people]
    whole = {**overview, "people": in_order, **rest}
    with (folder / NAME).open(encoding="utf-8", newline="") as written:
        assert written.read() == json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    report = ReadReport(folder / NAME)
    assert list(report.people()) == people
    assert report.rest() == {**overview, "people": [], **rest}


def test_half_a_report_is_no_report(tmp_path: Path) -> None:
    with ReportJson(tmp_path, {"version": 1}) as document:
        document.add({"person": "Ada"}, nearest=[])
    report = ReadReport(tmp_path / NAME)
    assert list(report.people()) == [{"person": "Ada", "nearest": []}]
    with pytest.raises(ValueError, match="Expecting"):
        report.rest()
