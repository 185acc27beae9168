"""What becomes of a request, for every task state with every camera state and device code."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.providers.dashcam.outcomes import (
    ALL,
    CODES,
    Camera,
    CameraState,
    Kind,
    TaskState,
    Told,
    outcome,
)

NO_CAMERA = "-"
CODE_ROWS = (
    *("", "D_S00000", "D_E20001", "D_E20002", "D_E20003", "D_E20004", "D_E20005"),
    *("D_E20006", "D_E20007", "D_E20008", "D_E20009", "D_E20010", "D_E99999", "UNREADABLE"),
)
# Columns: the states 0 to 7 of the one camera that was wanted, an unknown state or null (?), and no
# word of the camera (-). Cells: Pending, Complete, pArtial, Busy, Gone, Expired, Failed.
COLUMNS = ("0", "1", "2", "3", "4", "5", "6", "7", "?", NO_CAMERA)
KINDS = {
    "P": Kind.PENDING,
    "C": Kind.COMPLETE,
    "A": Kind.PARTIAL,
    "B": Kind.BUSY,
    "G": Kind.GONE,
    "E": Kind.EXPIRED,
    "F": Kind.FAILED,
}
#                        012 345 67? -
OVER_AND_NOTHING_THERE = """
    (none)     FFF FGF FEF F
    D_S00000   FFF FGF FEF F
    D_E20001   GGG GGG GGG G
    D_E20002   FFF FFF FFF F
    D_E20003   BBB BBB BBB B
    D_E20004   BBB BBB BBB B
    D_E20005   BBB BBB BBB B
    D_E20006   FFF FFF FFF F
    D_E20007   FFF FFF FFF F
    D_E20008   FFF FFF FFF F
    D_E20009   FFF FFF FFF F
    D_E20010   EEE EEE EEE E
    D_E99999   FFF FFF FFF F
    UNREADABLE FFF FFF FFF F
"""
# The device may give up before the server says so.
GOING_ON_AND_NOTHING_THERE = """
    (none)     PPP PPP PPP P
    D_S00000   PPP PPP PPP P
    D_E20001   PPP GGP PGG G
    D_E20002   PPP FFP PFF F
    D_E20003   PPP BBP PBB B
    D_E20004   PPP BBP PBB B
    D_E20005   PPP BBP PBB B
    D_E20006   PPP FFP PFF F
    D_E20007   PPP FFP PFF F
    D_E20008   PPP FFP PFF F
    D_E20009   PPP FFP PFF F
    D_E20010   PPP EEP PEE E
    D_E99999   PPP FFP PFF F
    UNREADABLE PPP FFP PFF F
"""
GOING_ON_AND_ALL_THERE = """
    (none)     PPP PPP PPP P
    D_S00000   PPP PPP PPP P
    D_E20001   PPP AAP AAA A
    D_E20002   PPP AAP AAA A
    D_E20003   PPP AAP AAA A
    D_E20004   PPP AAP AAA A
    D_E20005   PPP AAP AAA A
    D_E20006   PPP AAP AAA A
    D_E20007   PPP AAP AAA A
    D_E20008   PPP AAP AAA A
    D_E20009   PPP AAP AAA A
    D_E20010   PPP AAP AAA A
    D_E99999   PPP AAP AAA A
    UNREADABLE PPP AAP AAA A
"""
UNKNOWN_AND_NOTHING_THERE = """
    (none)     PPP FGP PEP P
    D_S00000   PPP FGP PEP P
    D_E20001   PPP GGP PGG G
    D_E20002   PPP FFP PFF F
    D_E20003   PPP BBP PBB B
    D_E20004   PPP BBP PBB B
    D_E20005   PPP BBP PBB B
    D_E20006   PPP FFP PFF F
    D_E20007   PPP FFP PFF F
    D_E20008   PPP FFP PFF F
    D_E20009   PPP FFP PFF F
    D_E20010   PPP EEP PEE E
    D_E99999   PPP FFP PFF F
    UNREADABLE PPP FFP PFF F
"""
UNKNOWN_AND_ALL_THERE = """
    (none)     PPP AAP CAC C
    D_S00000   PPP AAP CAC C
    D_E20001   PPP AAP AAA A
    D_E20002   PPP AAP AAA A
    D_E20003   PPP AAP AAA A
    D_E20004   PPP AAP AAA A
    D_E20005   PPP AAP AAA A
    D_E20006   PPP AAP AAA A
    D_E20007   PPP AAP AAA A
    D_E20008   PPP AAP AAA A
    D_E20009   PPP AAP AAA A
    D_E20010   PPP AAP AAA A
    D_E99999   PPP AAP AAA A
    UNREADABLE PPP AAP AAA A
"""
ALWAYS = "\n".join(f"{code or '(none)'} {{}}" for code in CODE_ROWS)
ALL_COMPLETE, ALL_PARTIAL = ALWAYS.replace("{}", "C" * 10), ALWAYS.replace("{}", "A" * 10)

OVER = (TaskState.SUCCESS, TaskState.FAILED, TaskState.PARTIAL_SUCCESS)
GOING_ON = (TaskState.UPCOMING, TaskState.PROCESSING, TaskState.CLIPPING, TaskState.UPLOADING)
TABLES: dict[tuple[TaskState | None, bool], str] = {
    **{(state, False): OVER_AND_NOTHING_THERE for state in OVER},
    (TaskState.SUCCESS, True): ALL_COMPLETE,
    (TaskState.FAILED, True): ALL_PARTIAL,
    (TaskState.PARTIAL_SUCCESS, True): ALL_PARTIAL,
    **{(state, False): GOING_ON_AND_NOTHING_THERE for state in GOING_ON},
    **{(state, True): GOING_ON_AND_ALL_THERE for state in GOING_ON},
    (None, False): UNKNOWN_AND_NOTHING_THERE,
    (None, True): UNKNOWN_AND_ALL_THERE,
}


def cells(table: str) -> dict[tuple[str, str], Kind]:
    found = {}
    for line in table.strip().splitlines():
        name, *kinds = line.split()
        code = "" if name == "(none)" else name
        for column, kind in zip(COLUMNS, "".join(kinds), strict=True):
            found[code, column] = KINDS[kind]
    return found


def cameras(column: str) -> list[Camera]:
    if column == NO_CAMERA:
        return []
    return [Camera("C_F", None if column == "?" else CameraState(int(column)))]


def test_the_tables_are_about_every_state_and_every_code() -> None:
    assert {state for state, _ in TABLES} == {None, *TaskState}
    assert {column for column in COLUMNS if column.isdigit()} == {str(int(s)) for s in CameraState}
    assert set(CODES) < set(CODE_ROWS)
    assert len(TABLES) == 2 * (len(TaskState) + 1)


@pytest.mark.parametrize(("state", "is_there"), TABLES)
def test_every_combination_has_the_outcome_of_the_table(
    state: TaskState | None, is_there: bool
) -> None:
    expected = cells(TABLES[state, is_there])
    assert expected.keys() == set(product(CODE_ROWS, COLUMNS))
    for (code, column), kind in expected.items():
        told = Told(state, code, cameras(column), ["C_F"] if is_there else [])
        found = outcome(told, ["C_F"])
        assert found.kind is kind, (state, code, column)
        if kind not in (Kind.COMPLETE, Kind.PENDING):
            assert found.reason
        assert found.missing.keys() == (set() if is_there else {"C_F"})
        assert all(found.missing.values())


@pytest.mark.parametrize("state", OVER)
@pytest.mark.parametrize("wanted", [["C_F"], ["C_F", "C_I"], [ALL], []])
def test_a_task_that_is_over_is_never_waited_for(state: TaskState, wanted: list[str]) -> None:
    for code, column in product(CODE_ROWS, COLUMNS):
        for there in ([], ["C_F"], ["C_R"]):
            assert outcome(Told(state, code, cameras(column), there), wanted).is_over


def test_what_is_missing_is_told_by_name_with_the_reason() -> None:
    told = Told(
        TaskState.PARTIAL_SUCCESS,
        "D_S00000",
        [
            Camera("C_F", CameraState.UPLOADED),
            Camera("C_I", CameraState.NOT_FOUND),
            Camera("C_R", CameraState.EXPIRED),
        ],
        ["C_F"],
    )
    found = outcome(told, ["C_F", "C_I", "C_R", "C_E"])
    assert found.kind is Kind.PARTIAL
    assert found.there == ("C_F",)
    assert found.missing == {
        "C_E": "nothing is told of it",
        "C_I": "video not found",
        "C_R": "upload time expired",
    }
    assert not found.may_ask_again


def test_of_all_cameras_success_is_complete_if_none_that_spoke_is_missing() -> None:
    spoke = [Camera("C_F", CameraState.UPLOADED), Camera("C_I", CameraState.UPLOADED)]
    both = Told(TaskState.SUCCESS, "D_S00000", spoke, ["C_F", "C_I"])
    assert outcome(both, [ALL]).kind is Kind.COMPLETE

    one = outcome(Told(TaskState.SUCCESS, "D_S00000", spoke, ["C_F"]), [ALL])
    assert one.kind is Kind.PARTIAL
    assert one.missing == {"C_I": "uploaded, but not there"}


def test_where_nobody_knows_the_state_all_cameras_must_have_spoken() -> None:
    assert outcome(Told(None, "", [], ["C_F"]), [ALL]).kind is Kind.PENDING
    spoke = [Camera("C_F", CameraState.UPLOADED)]
    assert outcome(Told(None, "", spoke, ["C_F"]), [ALL]).kind is Kind.COMPLETE


def test_a_camera_that_nobody_wanted_is_not_missing() -> None:
    spoke = [Camera("C_F", CameraState.UPLOADED), Camera("C_I", CameraState.CLIPPING_FAILED)]
    found = outcome(Told(TaskState.SUCCESS, "", spoke, ["C_F"]), ["C_F"])
    assert found.kind is Kind.COMPLETE


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        ((CameraState.NOT_FOUND, CameraState.NOT_FOUND), Kind.GONE),
        ((CameraState.NOT_FOUND, CameraState.EXPIRED), Kind.EXPIRED),
        ((CameraState.NOT_FOUND, CameraState.CLIPPING_FAILED), Kind.FAILED),
        ((CameraState.NOT_FOUND, None), Kind.FAILED),
        ((CameraState.EXPIRED, CameraState.UPLOADED), Kind.FAILED),
    ],
)
def test_cameras_that_disagree_are_gone_or_expired_only_together(
    states: tuple[CameraState | None, CameraState | None], kind: Kind
) -> None:
    spoke = [Camera(name, state) for name, state in zip(("C_F", "C_I"), states, strict=True)]
    assert outcome(Told(TaskState.FAILED, "", spoke), ["C_F", "C_I"]).kind is kind


def test_a_camera_of_which_nothing_is_told_is_not_taken_for_gone() -> None:
    spoke = [Camera("C_F", CameraState.NOT_FOUND)]
    assert outcome(Told(TaskState.FAILED, "", spoke), ["C_F", "C_I"]).kind is Kind.FAILED


@pytest.mark.parametrize("code", ["D_E20003", "D_E20004", "D_E20005"])
def test_a_busy_device_may_be_asked_again_also_for_the_rest(code: str) -> None:
    assert outcome(Told(TaskState.FAILED, code), ["C_F"]).may_ask_again
    assert outcome(Told(TaskState.FAILED, code, (), ["C_F"]), ["C_F", "C_I"]).may_ask_again
    assert not outcome(Told(TaskState.SUCCESS, code, (), ["C_F"]), ["C_F"]).may_ask_again


def test_a_success_without_any_video_says_so() -> None:
    found = outcome(Told(TaskState.SUCCESS), [ALL])
    assert (found.kind, found.reason) == (Kind.FAILED, "over, but no video is there")


def test_a_camera_without_a_name_is_missed_all_the_same() -> None:
    found = outcome(Told(TaskState.FAILED, "", [Camera("", CameraState.NOT_FOUND)]), [])
    assert found.missing == {"a camera without a name": "video not found"}


NAMES = st.sampled_from(["", "C_F", "C_I", "GRID"])


@given(
    st.sampled_from([None, *TaskState]),
    st.sampled_from(CODE_ROWS) | st.text(max_size=4),
    st.lists(st.tuples(NAMES, st.sampled_from([None, *CameraState])), max_size=4),
    st.lists(NAMES, max_size=3),
    st.lists(NAMES | st.just(ALL), max_size=3),
)
def test_whatever_is_told_has_an_outcome_with_a_reason(
    state: TaskState | None,
    code: str,
    spoke: list[tuple[str, CameraState | None]],
    there: list[str],
    wanted: list[str],
) -> None:
    found = outcome(Told(state, code, [Camera(*one) for one in spoke], there), wanted)
    assert found.kind is not Kind.PENDING or state not in OVER
    assert found.reason or found.kind in (Kind.PENDING, Kind.COMPLETE)
    assert (found.kind in (Kind.COMPLETE, Kind.PARTIAL)) <= bool(found.there)
    assert not (found.kind is Kind.COMPLETE and found.missing)
