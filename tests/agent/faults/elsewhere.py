"""Faults that no row of the table is about: where each is played instead, or why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass

LIST = tuple(f"F{number:02}" for number in range(1, 43))
"""Every fault that was ever thought of, by its number."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """``ref`` is its number, ``what`` the fault, ``said`` a sentence about it. ``tests``: where it is played, as pytest
    names them; none where it cannot be."""

    ref: str
    what: str
    said: str
    tests: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Of Markdown."""
        tests = ", ".join(f"`{test}`" for test in self.tests)
        return f"- **{self.ref}**, {self.what}: {self.said}{f' ({tests})' if tests else ''}."


GUEST = "tests/agent/guest/test_guest.py"
POWER = "tests/agent/guest/power/test_power.py"
STORE = "tests/agent/store"

ELSEWHERE = (
    Elsewhere(
        "F06",
        "a power cut that loses or reorders what was not brought to the disk",
        "every disk that it may leave is made of the recorded system calls of an apply, and gone on with from there. "
        "And a virtual machine with a disk is killed, and boots from that disk, and from what a cache of the disk's "
        "own may have lost: [power-cuts.md](power-cuts.md)",
        (
            f"{STORE}/test_power_cut.py::test_a_power_cut_leaves_the_whole_old_or_the_whole_new",
            f"{POWER}::test_a_killed_machine_boots_what_was_confirmed_last",
            f"{POWER}::test_a_cut_at_any_write_leaves_what_was_confirmed_last",
        ),
    ),
    Elsewhere(
        "F09",
        "a disk that answers with an error of its own (EIO)",
        "the answer is put in the place of each call that changes the disk, fsync too",
        (
            f"{STORE}/test_killed.py::test_whatever_the_disk_refuses_leaves_the_whole_old_or_the_whole_new",
            f"{STORE}/test_store.py::test_what_cannot_be_brought_to_the_disk_is_as_it_was",
        ),
    ),
    Elsewhere(
        "F19",
        "the clock jumps",
        "in a virtual machine: ten years on, in the window; and a boot with a clock whose battery is dead, after an "
        "orderly end and after a cut in the window. No deadline reads the wall clock, and no generation "
        "has a certificate",
        (
            f"{GUEST}::test_a_lock_out_comes_back",
            f"{POWER}::test_a_killed_machine_boots_what_was_confirmed_last",
            f"{POWER}::test_a_clock_without_a_battery_changes_nothing_of_that",
        ),
    ),
    Elsewhere(
        "F20",
        "the machine sleeps in the window",
        "suspended to RAM, in a virtual machine: past the deadline it goes back when it wakes, for a part of the "
        "window it takes the owner's word",
        (
            f"{GUEST}::test_a_machine_that_sleeps_past_the_deadline_takes_no_word",
            f"{GUEST}::test_a_machine_that_sleeps_for_a_part_of_the_window_takes_it",
        ),
    ),
    Elsewhere(
        "F23",
        "the same generation once more",
        "no process, rule, link, address or route is touched, and no window opens",
        (
            "tests/agent/switching/test_switching.py::test_once_more_does_nothing",
            "tests/agent/course/test_device.py::test_the_same_again_touches_nothing",
        ),
    ),
    Elsewhere(
        "F30",
        "the table of connections is full",
        "in the window, in a virtual machine: the owner's word does not get through, and the old generation comes "
        "back. The size of that table is no setting of ours: the way back leaves it as somebody made it",
        (f"{GUEST}::test_no_word_comes_through_a_full_table_of_connections",),
    ),
    Elsewhere(
        "F36",
        "a certificate or a list of revoked ones is renewed meanwhile",
        "cannot be: nothing that is written to a device has certificates",
    ),
    Elsewhere(
        "F38",
        "standard input or output is closed, full, or its reader goes away",
        "on the owner's side, where alone it can be: nothing is begun, or it is done as it was asked",
        (
            "tests/cli/test_closed_streams.py::test_nothing_is_begun_where_nothing_can_be_printed",
            "tests/cli/test_closed_streams.py::test_a_reader_who_goes_away_ends_no_apply",
        ),
    ),
    Elsewhere(
        "F40",
        "a RouterOS device loses the session, restarts or stops in the middle of a script",
        "cannot be: `apply` does not change RouterOS devices. Their script is imported by its owner; where it would "
        "stop half-way, or leave more when imported again, is found in its text",
        ("tests/dataplane/routeros/test_importing.py::test_faults_of_an_import",),
    ),
)
