"""What a cell or field may hold, item type by item type, and how it becomes a column."""

from __future__ import annotations

import decimal
import math
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.column_building import build_column, columns_from_frame, columns_from_patients, patient_at
from engine.errors import UnusableInput
from engine.values import MISSING_TOKENS, InvalidValue, Spelling, comparison_key, normalised_tokens, parse_value, text_form
from tests.dictionary_items import VOCABULARY

PAIN = VOCABULARY["pain_nrs"]
ASA = VOCABULARY["asa_class"]
T_SCORE = VOCABULARY["t_score"]
PRONE = VOCABULARY["can_lie_prone"]
CAUSE = VOCABULARY["fracture_cause"]
EPIDURAL = VOCABULARY["epidural_grade"]
LEVELS = VOCABULARY["fracture_levels"]
ANTIPLATELETS = VOCABULARY["antiplatelets"]
ICD10 = VOCABULARY["icd10_codes"]
STATE = VOCABULARY["service_state"]
ITEMS = list(VOCABULARY)


def refuses(item, raw, **options) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        parse_value(item, raw, **options)
    return caught.value


@pytest.mark.parametrize(
    "raw",
    [None, math.nan, np.float64("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), decimal.Decimal("NaN"), "", "  ", "NA", "n/a", ".", "-",
     "Unknown", " NOT RECORDED ", b"NA"],
)  # fmt: skip
def test_every_way_to_say_not_recorded_is_not_recorded_for_every_item(raw):
    assert [item.name for item in ITEMS if parse_value(item, raw) is not None] == []


@pytest.mark.parametrize("raw", ["nan", "NaN", "null", "none", "?", "missing", "#N/A", "--", "inf", "-inf", "Infinity", "1e999"])
def test_other_words_for_missing_and_infinite_numbers_are_invalid(raw):
    refuses(PAIN, raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("8", 8.0), (" 8 ", 8.0), ("+8", 8.0), ("8.0", 8.0), ("7.25", 7.25), ("0", 0.0), ("10", 10.0), ("1e1", 10.0), ("75E-1", 7.5), ("-0", 0.0),
     ("007", 7.0), (8, 8.0), (7.5, 7.5), (np.int64(8), 8.0), (np.uint8(8), 8.0), (np.float32(7.2), 7.2), (np.float16(7.5), 7.5),
     (decimal.Decimal("7.2"), 7.2), (b"8", 8.0), (np.str_("8"), 8.0)],
)  # fmt: skip
def test_numbers_are_read(raw, value):
    read = parse_value(PAIN, raw)
    assert read == value and type(read) is float and math.copysign(1, read) == 1


@pytest.mark.parametrize(
    "raw",
    ["8/10", "8 cm", "<8", ">5", "5-7", "~8", "1,5", "1 000", "0x8", "8_0", "٨", "８", ".5", "5.", "1e", "e5", "--8", "+", "8.5.1", "1,234.5", "eight",
     "80", "10.01", "-0.1", 80, 10.5, -1, math.inf, np.float64("-inf"), 10**400, True, False, np.True_, pd.Timestamp("2020-01-01"), 3j, {"a": 1},
     object(), [8], ("8",), b"\xff", decimal.Decimal("1e999")],
)  # fmt: skip
def test_what_is_not_plainly_a_number_of_the_range_is_invalid(raw):
    refuses(PAIN, raw)


@pytest.mark.parametrize("item", [item for item in ITEMS if item.is_number], ids=lambda item: item.name)
def test_ranges_include_both_ends_and_nothing_beyond(item):
    assert parse_value(item, f"{item.minimum:g}") == item.minimum
    assert parse_value(item, item.maximum) == item.maximum
    step = 1 if item.type == "integer" else 0.001
    refuses(item, item.minimum - step)
    refuses(item, f"{item.maximum + step:.3f}" if step < 1 else str(int(item.maximum) + 1))


@pytest.mark.parametrize(("raw", "value"), [("3", 3), ("3.0", 3), ("3.00", 3), (3.0, 3), ("3e0", 3), (3, 3)])
def test_an_integer_may_be_written_with_a_zero_decimal_part(raw, value):
    assert parse_value(ASA, raw) == value


@pytest.mark.parametrize("raw", ["3.5", 3.5, "3.0001", "III", "0", "7"])
def test_an_integer_is_never_rounded(raw):
    refuses(ASA, raw)


def test_a_decimal_comma_is_read_only_where_it_is_allowed():
    assert "comma" in refuses(PAIN, "7,5").reason
    assert parse_value(PAIN, "7,5", decimal_comma=True) == 7.5
    assert parse_value(PAIN, "7.5", decimal_comma=True) == 7.5
    assert parse_value(T_SCORE, "-2,5", decimal_comma=True) == -2.5
    for raw in ("1.000,5", "1,000.5", "1,0,0", ",5"):
        refuses(PAIN, raw, decimal_comma=True)


@pytest.mark.parametrize("raw", ["yes", "Y", "TRUE", "1", "1.0", " Yes ", True, 1, 1.0, np.True_, np.int8(1), np.float32(1)])
def test_every_way_to_write_yes(raw):
    assert parse_value(PRONE, raw) == "yes"


@pytest.mark.parametrize("raw", ["no", "N", "False", "0", "0.0", False, 0, 0.0, -0.0, np.False_, decimal.Decimal(0)])
def test_every_way_to_write_no(raw):
    assert parse_value(PRONE, raw) == "no"


@pytest.mark.parametrize("raw", ["t", "f", "ja", "2", "-1", "1.00", "01", "x", "yes;no", "none", 2, 0.5, -1, [True], "✓"])
def test_anything_else_is_neither_yes_nor_no(raw):
    refuses(PRONE, raw)


@pytest.mark.parametrize(
    ("item", "raw", "value"),
    [(CAUSE, "Osteoporosis", "osteoporosis"), (CAUSE, "  TRAUMA", "trauma"), (VOCABULARY["of_type"], "of4", "OF4"), (EPIDURAL, "1B", "1b"),
     (EPIDURAL, "0", "0"), (EPIDURAL, 2, "2"), (EPIDURAL, 2.0, "2"), (EPIDURAL, "3.0", "3"), (EPIDURAL, np.float32(0), "0"), (STATE, "ut", "UT")],
)  # fmt: skip
def test_a_category_is_its_code_in_any_case(item, raw, value):
    assert parse_value(item, raw) == value


@pytest.mark.parametrize(
    ("item", "raw"),
    [(CAUSE, "osteoporotic"), (CAUSE, "osteo"), (CAUSE, "osteoporosis;trauma"), (CAUSE, 1), (CAUSE, True), (CAUSE, ["trauma"]), (EPIDURAL, "1"),
     (EPIDURAL, 1.0), (EPIDURAL, 2.5), (EPIDURAL, True), (EPIDURAL, "02"), (EPIDURAL, -2), (STATE, "Utah"), (STATE, "ZZ"), (STATE, True)],
)  # fmt: skip
def test_a_category_is_never_guessed(item, raw):
    refuses(item, raw)


def test_the_nearest_code_is_named_but_not_taken():
    problem = refuses(CAUSE, "osteoporosys")
    assert "nearest code is osteoporosis" in problem.action


@pytest.mark.parametrize(
    ("raw", "value"),
    [("T12", ("T12",)), ("L1;T12", ("T12", "L1")), (" l1 ; t12 ;L1", ("T12", "L1")), (["L1", "T12"], ("T12", "L1")), ({"T12"}, ("T12",)),
     (("t12", "t12"), ("T12",)), (np.array(["L1", "T12"]), ("T12", "L1")), (frozenset({"L1"}), ("L1",))],
)  # fmt: skip
def test_lists_come_in_dictionary_order_with_duplicates_once(raw, value):
    assert parse_value(LEVELS, raw) == value


@pytest.mark.parametrize(
    "raw",
    ["T12,L1", "T12 L1", "T12-L2", "T12;L9", "T12;", ";T12", "T12;;L1", "T12;NA", "T12;unknown", "T12;-", ["T12", None], ["T12", ""], ["T12;L1"],
     ["T12", math.nan], ["T12", True], [], (), set(), np.array([]), np.array([["T12"]]), "none", True, 12, [["T12"]]],
)  # fmt: skip
def test_one_bad_entry_makes_the_whole_list_invalid(raw):
    refuses(LEVELS, raw)


def test_none_alone_is_a_recorded_empty_list():
    for raw in ("none", " NONE ", "none;none", ["none"], ("None",)):
        assert parse_value(ANTIPLATELETS, raw) == ()


@pytest.mark.parametrize("raw", ["none;aspirin", ["none", "aspirin"], "aspirin;none"])
def test_none_beside_a_drug_is_invalid(raw):
    assert "beside" in refuses(ANTIPLATELETS, raw).reason


def test_an_empty_typed_list_is_refused_for_it_could_mean_none_or_not_recorded():
    assert "not recorded" in refuses(ANTIPLATELETS, []).reason


def test_codes_of_diagnoses_are_upper_cased_and_must_have_their_form():
    assert parse_value(ICD10, "m80.08xa; C79.51 ;M80.08XA") == ("M80.08XA", "C79.51")
    for raw in ("none", "M80.08XA;", "M80,08", "fracture", "M80.08XA;NA", "M80.08XA C79.51", []):
        refuses(ICD10, raw)


def test_the_callers_own_words_for_missing_count_in_text_and_typed_values():
    tokens = normalised_tokens(["k.A.", "-9", "99"])
    for item, raw in [(PAIN, "K.a."), (T_SCORE, "-9"), (T_SCORE, -9.0), (T_SCORE, "-9.0"), (ASA, 99), (PRONE, "99"), (LEVELS, "k.A.")]:
        assert parse_value(item, raw, tokens) is None
    refuses(LEVELS, "T12;k.A.", missing_tokens=tokens)
    refuses(ASA, "k.A.")


def test_own_codes_are_translated_and_numbers_they_do_not_name_are_not_guessed():
    codes = {"1": "no", "2": "yes", "9": ""}
    for raw, value in [("1", "no"), ("1.0", "no"), (1.0, "no"), (2, "yes"), ("2.00", "yes"), (9, None), ("yes", "yes"), (True, "yes")]:
        assert parse_value(PRONE, raw, own_codes=codes) == value
    for raw in ("0", 0, 0.0, "3"):
        refuses(PRONE, raw, own_codes=codes)
    assert parse_value(LEVELS, "LWK1;T12", own_codes={"lwk1": "L1"}) == ("T12", "L1")
    assert parse_value(PAIN, 11, own_codes={"11": ""}) is None


def test_messages_quote_the_value_shortened_and_say_what_is_accepted():
    problem = refuses(PAIN, "x" * 500 + "\n")
    assert "xxx..." in problem.reason and len(problem.reason) < 150 and "\n" not in problem.reason
    assert "from 0 to 10" in problem.action
    assert '"80"' in refuses(PAIN, "80").reason and "unit" in refuses(PAIN, "80").action
    assert "M80.08XA" in refuses(ICD10, "M8008").action
    assert pickle.loads(pickle.dumps(problem)).action == problem.action


@pytest.mark.parametrize(("raw", "key"), [(1, "1"), (1.0, "1"), (" 01.0", "1"), ("A ", "a"), (True, "true"), ("1.5", "1.5"), (-0.0, "0"), ("1e999", "1e999")])
def test_equal_numbers_have_one_comparison_key(raw, key):
    assert comparison_key(raw) == key


raw_values = st.one_of(
    st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none(), st.binary(max_size=4),
    st.sampled_from(["yes", "none", "T12;L1", "none;aspirin", "7.5", "2.0", "M80.08XA", *MISSING_TOKENS]),
    st.lists(st.sampled_from(["T12", "none", "aspirin", "", None, 2]), max_size=3), st.from_regex(r"[+-]?[0-9.,eE]{1,6}", fullmatch=True),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(raw=raw_values, item=st.sampled_from(ITEMS))
def test_a_parsed_value_is_always_allowed_and_its_text_reads_back_to_itself(raw, item):
    try:
        value = parse_value(item, raw)
    except InvalidValue as problem:
        assert problem.reason and problem.action
        return
    if value is None:
        return
    if item.is_number:
        assert item.minimum <= value <= item.maximum and (item.type == "number" or value == int(value))
    elif item.type == "category_list":
        assert set(value) <= set(item.codes) - {"none"} and list(value) == sorted(set(value), key=item.codes.index)
    elif item.codes:
        assert value in item.codes
    assert parse_value(item, text_form(item, value)) == value


# Columns


def series_of_every_type(values: list[float | None]) -> dict[str, pd.Series]:
    texts = [None if value is None else f"{value:g}" for value in values]
    floats = [math.nan if value is None else value for value in values]
    return {
        "str": pd.Series(texts, dtype="str"),
        "object text": pd.Series(texts, dtype=object),
        "object numbers": pd.Series(values, dtype=object),
        "blank text": pd.Series(["" if text is None else text for text in texts], dtype=object),
        "string with NA": pd.Series(texts, dtype="string"),
        "float64": pd.Series(floats, dtype="float64"),
        "float32": pd.Series(floats, dtype="float32"),
        "Float32": pd.Series(values, dtype="Float32"),
        "Float64": pd.Series(values, dtype="Float64"),
        "category": pd.Series(texts, dtype="category"),
        "category of float32": pd.Series(floats, dtype="float32").astype("category"),
        "Arrow text": pd.Series(texts, dtype=pd.ArrowDtype(pa.string())),
        "Arrow double": pd.Series(values, dtype=pd.ArrowDtype(pa.float64())),
        "Arrow float": pd.Series(values, dtype=pd.ArrowDtype(pa.float32())),
        "Arrow decimal": pd.Series([None if v is None else decimal.Decimal(str(v)) for v in values], dtype=pd.ArrowDtype(pa.decimal128(6, 2))),
        "sparse": pd.Series(pd.arrays.SparseArray(floats)),
    }


@pytest.mark.parametrize("kind", list(series_of_every_type([1.0])))
def test_a_number_is_the_same_from_every_type_of_column(kind):
    series = series_of_every_type([7.2, None, 80.0, 0.0, 7.2])[kind]
    series.index = [5, 5, 1, 1, 0]  # the index is not looked at
    column, invalid = build_column(PAIN, series)
    assert column.recorded.tolist() == [True, False, False, True, True]
    assert column.values[[0, 3, 4]].tolist() == [7.2, 0.0, 7.2]
    assert [cell.position for cell in invalid] == [2] and "outside the range" in invalid[0].reason


@pytest.mark.parametrize(
    "series",
    [pd.Series([True, None, False]), pd.Series([True, None, False], dtype="boolean"), pd.Series([1, None, 0], dtype="Int64"),
     pd.Series([1.0, math.nan, 0.0]), pd.Series(["yes", None, "no"], dtype="category"), pd.Series([True, None, False], dtype=pd.ArrowDtype(pa.bool_())),
     pd.Series(["Y", " ", "0.0"]), pd.Series([1, None, 0], dtype=pd.ArrowDtype(pa.int8())), pd.Series([True, pd.NA, 0], dtype=object)],
)  # fmt: skip
def test_yes_blank_and_no_stay_three_different_things_in_every_type_of_column(series):
    column, invalid = build_column(PRONE, series)
    assert column.recorded.tolist() == [True, False, True] and not invalid
    assert [PRONE.codes[place] for place in column.values[[0, 2]]] == ["yes", "no"]


def test_true_and_one_in_one_column_are_not_mistaken_for_each_other():
    column, invalid = build_column(PAIN, pd.Series([True, 1, 1.0, "1", False, 0], dtype=object))
    assert column.recorded.tolist() == [False, True, True, True, False, True]
    assert [cell.position for cell in invalid] == [0, 4]


@pytest.mark.parametrize(
    "series",
    [pd.Series(["L1;T12", "none", None, "x"]), pd.Series([["L1", "T12"], ["none"], None, ["x"]]),
     pd.Series([["L1", "T12"], ["none"], None, ["x"]], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
     pd.Series([np.array(["L1", "T12"]), np.array(["none"]), math.nan, {"x"}], dtype=object)],
)  # fmt: skip
def test_lists_become_bit_masks_from_text_and_from_typed_lists(series):
    column, invalid = build_column(LEVELS, series)
    assert column.values.dtype == np.uint64
    assert column.values[0] == 1 << LEVELS.codes.index("T12") | 1 << LEVELS.codes.index("L1")
    assert column.recorded.tolist() == [True, False, False, False] and [cell.position for cell in invalid] == [1, 3]
    drugs, _ = build_column(ANTIPLATELETS, pd.Series(["none", None]))
    assert drugs.values[0] == 0 and drugs.recorded.tolist() == [True, False]


@pytest.mark.parametrize("series", [pd.Series([], dtype=object), pd.Series([None, None]), pd.Series([math.nan] * 2), pd.Series([None] * 2, dtype=pd.ArrowDtype(pa.null()))])
@pytest.mark.parametrize("item", ITEMS[:8] + [LEVELS, ICD10], ids=lambda item: item.name)
def test_a_column_of_blanks_is_recorded_for_nobody(series, item):
    column, invalid = build_column(item, series)
    assert not column.recorded.any() and len(column.recorded) == len(series) and not invalid


def test_typed_numbers_honour_the_callers_words_for_missing():
    column, invalid = build_column(PAIN, pd.Series([9.0, 8.0, 99.0]), Spelling(normalised_tokens(["9"])))
    assert column.recorded.tolist() == [False, True, False] and [cell.position for cell in invalid] == [2]
    column, invalid = build_column(ASA, pd.Series([3, 9, 7]), Spelling(own_codes={"asa_class": {"9": ""}}))
    assert column.recorded.tolist() == [True, False, False] and [cell.text for cell in invalid] == ["7"]


def test_a_frame_becomes_columns_row_for_row():
    frame = pd.DataFrame({" Pain_NRS ": ["7,5", "8"], "other": [1, 2], "record_id": ["a", "b"]}, index=[9, 9])
    columns, invalid = columns_from_frame(VOCABULARY, frame)
    assert columns.rows == 2 and list(columns.by_item) == ["pain_nrs"]
    assert [(cell.position, cell.item, cell.text) for cell in invalid] == [(0, "pain_nrs", "7,5")]
    assert patient_at(VOCABULARY, columns, 0) == {} and patient_at(VOCABULARY, columns, 1) == {"pain_nrs": 8.0}
    with pytest.raises(UnusableInput, match="no known column"):
        columns_from_frame(VOCABULARY, frame[["other"]])
    with pytest.raises(UnusableInput, match="twice"):
        columns_from_frame(VOCABULARY, frame.rename(columns={"other": "pain_nrs"}))


PATIENT = {"pain_nrs": 7.5, "asa_class": 3.0, "can_lie_prone": "no", "fracture_cause": "trauma", "fracture_levels": ("T12", "L1"), "antiplatelets": (),
           "service_state": "UT", "icd10_codes": ("M80.08XA",)}  # fmt: skip


def test_patients_become_columns_and_come_back_unchanged():
    assert patient_at(VOCABULARY, columns_from_patients(VOCABULARY, [PATIENT | {"inr": None}]), 0) == PATIENT
    several = columns_from_patients(VOCABULARY, [PATIENT, {}, {"pain_nrs": 0.0}])
    assert [patient_at(VOCABULARY, several, row) for row in range(3)] == [PATIENT, {}, {"pain_nrs": 0.0}]
    assert columns_from_patients(VOCABULARY, []).rows == 0


def test_parsed_patients_and_their_text_give_the_same_columns():
    text = {name: text_form(VOCABULARY[name], value) for name, value in PATIENT.items()}
    from_text, invalid = columns_from_frame(VOCABULARY, pd.DataFrame([text]))
    assert not invalid and patient_at(VOCABULARY, from_text, 0) == PATIENT
    from_values = columns_from_patients(VOCABULARY, [PATIENT])
    assert all(from_text.by_item[name].values.dtype == from_values.by_item[name].values.dtype for name in PATIENT)


def test_a_value_that_was_not_parsed_is_refused_and_not_stored():
    for patient in ({"fracture_cause": "Trauma"}, {"can_lie_prone": "maybe"}, {"fracture_levels": "T12"}):
        with pytest.raises(ValueError):
            columns_from_patients(VOCABULARY, [patient])
