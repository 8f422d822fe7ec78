"""Hours: by the clock on the wall of their zone, through both changes of the clocks, with exceptions; pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import hours
from engine.hours import Unclear

OFFICE = ["09:00-12:00, 13:00-17:00"] * 5 + ["", ""]


def berlin(week: list[str] = OFFICE, days: dict[str, str] | None = None, zone: str = "Europe/Berlin") -> hours.Hours:
    return hours.read({"zone": zone, "week": week, "days": days or {}})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-26T07:59:59", False, "2026-11-26T08:00"),  # a Thursday in winter: UTC+1
        ("2026-11-26T08:00", True, None),
        ("2026-11-26T11:00", False, "2026-11-26T12:00"),
        ("2026-11-26T15:59:59", True, None),
        ("2026-11-26T16:00", False, "2026-11-27T08:00"),
        ("2026-11-27T16:00", False, "2026-11-30T08:00"),  # over the weekend
        ("2026-07-01T07:00", True, None),  # in summer: UTC+2
        ("2026-07-01T15:00", False, "2026-07-02T07:00"),
    ],
)
def test_they_hold_by_the_clock_on_the_wall_of_their_zone(moment: str, is_open: bool, opens: str | None) -> None:
    office = berlin()
    assert office.open_at(at(moment)) is is_open
    if opens:
        assert office.opens_after(at(moment)) == at(opens)


def test_the_next_opening_over_a_change_of_the_clocks_is_by_the_new_time() -> None:
    office = berlin()
    assert office.opens_after(at("2026-03-27T16:00")) == at("2026-03-30T07:00")  # summer time begins on the 29th
    assert office.opens_after(at("2026-10-23T15:00")) == at("2026-10-26T08:00")  # and ends on the 25th


def test_a_time_that_the_clock_skips_is_the_moment_of_the_jump() -> None:
    night = berlin([""] * 6 + ["02:30-04:00"])
    assert night.opens_after(at("2026-03-28T12:00")) == at("2026-03-29T01:00")
    assert not night.open_at(at("2026-03-29T00:59:59"))
    assert night.open_at(at("2026-03-29T01:00"))
    assert not night.open_at(at("2026-03-29T02:00"))


def test_a_time_that_comes_twice_is_the_first_of_the_two_and_there_is_no_gap_between() -> None:
    night = berlin([""] * 6 + ["02:30-04:00"])
    assert night.opens_after(at("2026-10-24T12:00")) == at("2026-10-25T00:30")
    for moment in ("00:30", "01:00", "01:29", "01:31", "02:59"):
        assert night.open_at(at(f"2026-10-25T{moment}")), moment
    assert not night.open_at(at("2026-10-25T03:00"))


def test_an_exception_is_instead_of_the_week_and_midnight_joins_two_days() -> None:
    office = berlin(days={"2026-12-24": "09:00-12:00", "2026-12-25": "", "2026-12-26": "22:00-24:00"})
    assert office.opens_after(at("2026-12-24T12:00")) == at("2026-12-26T21:00")
    assert not office.open_at(at("2026-12-25T09:00"))
    always = berlin(["00:00-24:00"] * 7)
    assert all(always.open_at(at("2026-10-24T21:59:59") + timedelta(hours=n)) for n in range(60))


def test_hours_that_never_hold_have_no_next_opening() -> None:
    assert berlin([""] * 7).opens_after(at("2026-11-26T08:00")) is None


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"zone": "Mars/Base", "week": OFFICE},
        {"zone": "../../etc/passwd", "week": OFFICE},
        {"zone": "\0", "week": OFFICE},
        {"zone": "UTC", "week": OFFICE[:6]},
        {"zone": "UTC", "week": ["9-5", *OFFICE[1:]]},
        {"zone": "UTC", "week": ["17:00-09:00", *OFFICE[1:]]},
        {"zone": "UTC", "week": ["09:00-25:00", *OFFICE[1:]]},
        {"zone": "UTC", "week": ["09:60-10:00", *OFFICE[1:]]},
        {"zone": "UTC", "week": ["09:00-12:00, 11:00-13:00", *OFFICE[1:]]},
        {"zone": "UTC", "week": OFFICE, "days": {"Christmas": ""}},
        {"zone": "UTC", "week": OFFICE, "days": {f"2026-{m:02}-{d:02}": "" for m in range(1, 5) for d in range(1, 29)}},
    ],
)
def test_what_cannot_be_read_is_said(stored: dict[str, Any]) -> None:
    with pytest.raises(Unclear, match=r"\w"):
        hours.read(stored)


@settings(max_examples=150, deadline=None)
@given(
    moment=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    starts=st.lists(st.integers(0, 23), min_size=7, max_size=7),
)
def test_the_next_opening_is_open_the_moment_before_is_not_and_nothing_opens_between(
    moment: datetime, zone: str, starts: list[int]
) -> None:
    known = berlin([f"{start:02}:15-{start:02}:45" for start in starts], zone=zone)
    now = moment.replace(tzinfo=UTC)
    opens = known.opens_after(now)
    assert opens is not None
    assert opens > now
    assert known.open_at(opens)
    assert not known.open_at(opens - timedelta(seconds=1))
    if not known.open_at(now):
        step = (opens - now) / 50
        assert not any(known.open_at(now + step * n) for n in range(50))
