"""Frames carry the whole truth: whatever changes, a viewer who applies them sees the owner's columns."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_map.columns import Label, SeatColumns, SeatFlag
from seat_map.frames import FrameFault, Gap, View, decode, delta, snapshot
from seat_map.palette import SeatCode
from streams.vocabulary.ids import Millis

NOW = Millis(1_795_291_649_000)
labels = st.builds(
    Label,
    st.sampled_from(SeatCode),
    st.just(""),
    st.sampled_from([SeatFlag(0), SeatFlag.UNCERTAIN, SeatFlag.RESERVED, SeatFlag.UNCERTAIN | SeatFlag.RESERVED]),
    st.integers(NOW - 2**32 + 10_000_000, NOW).map(Millis),
)
changes = st.lists(st.tuples(st.integers(0, 40), labels, st.integers(0, 65_535)), max_size=12)


def same(one: SeatColumns, other: SeatColumns) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("code", "flags", "reason", "since")
    )


@given(before=changes, ticks=st.lists(changes, max_size=8), first=st.sampled_from([0, 7, 2**32 - 3]))
def test_a_snapshot_and_the_deltas_after_it_give_the_owner_s_columns(before, ticks, first):
    """Also across the wrap of the sequence number."""
    owner = SeatColumns(41)
    owner.since[:] = NOW
    for row, label, reason in before:
        owner.put(row, label, reason)
    seq = first
    view = View(SeatColumns(0))
    view.apply(decode(snapshot(owner, seq=seq, revision=3, now=NOW)))
    for number, tick in enumerate(ticks):
        rows = sorted({row for row, label, reason in tick if owner.put(row, label, reason)})
        seq = (seq + 1) % 2**32
        view.apply(decode(delta(owner, rows, seq=seq, revision=3, now=Millis(NOW + 50 * number))))
    assert same(view.columns, owner)
    assert view.seq == seq


@given(data=st.binary(max_size=200))
def test_bytes_that_are_no_frame_are_refused_by_name(data):
    """A decoder meets a frame or raises FrameFault, nothing else."""
    with suppress(FrameFault):
        decode(data)


@given(rows=st.integers(0, 64), cut=st.integers(1, 30))
def test_a_cut_frame_is_refused(rows, cut):
    data = snapshot(SeatColumns(rows), seq=1, revision=1, now=NOW)
    with pytest.raises(FrameFault):
        decode(data[:-cut])


@given(skipped=st.integers(2, 2**32 - 1))
def test_a_delta_out_of_turn_changes_nothing(skipped):
    owner = SeatColumns(3)
    view = View(SeatColumns(0))
    view.apply(decode(snapshot(owner, seq=10, revision=1, now=NOW)))
    owner.put(1, Label(SeatCode.READY, "", SeatFlag(0), NOW), 0)
    with pytest.raises(Gap):
        view.apply(decode(delta(owner, [1], seq=(10 + skipped) % 2**32, revision=1, now=NOW)))
    assert int(view.columns.code[1]) == SeatCode.VACANT


def test_the_largest_floor_fits_a_frame():
    """65,536 seats, all changed at once."""
    owner = SeatColumns(65_536)
    view = View(SeatColumns(65_536), seq=0)
    owner.code[:] = SeatCode.UNKNOWN
    owner.since[:] = NOW - 5
    view.apply(decode(delta(owner, list(range(65_536)), seq=1, revision=1, now=NOW)))
    assert same(view.columns, owner)
