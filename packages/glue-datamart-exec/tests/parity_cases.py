# ruff: noqa: E501, DTZ001 - one case is one line; the timestamps of the zones have no time zone
"""What is proven equal: each allowed construct of Spark SQL over edge values, and what must raise instead of being NULL.

A new construct gets its case here first. Every case is a SELECT over the tables below whose first column is a key, so
that rows can be compared in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

EDGE, OTHER = "`fsa-parity-cars`.`edge`", "`fsa-parity-cars`.`other`"

TEXTS = [
    None, "", " ", "  a b  ", "\u00a0nbsp\u00a0", "\ttab\t", "Zürich", "ÀÉÎÕÜŸ", "a'b", 'q"q', "100%", "x_y", "back\\slash",
    "e\u0301", "日本", "😀 smile", "I", "U", "UN", "0", "-0", "line\nbreak", "trail ", "A", "a",
]  # fmt: skip
ROWS = len(TEXTS)


def cycled(values: Sequence[object], step: int = 1) -> list[object]:
    return [values[(index * step) % len(values)] for index in range(ROWS)]


EDGE_TABLE = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "txt": pa.array(TEXTS),
        "txt2": pa.array(cycled(TEXTS, 7), pa.string()),
        "tiny": pa.array(cycled([0, -1, 127, -128, None]), pa.int16()),
        "num": pa.array(cycled([0, 1, -1, 2**31 - 1, -(2**31), None]), pa.int32()),
        "big": pa.array(cycled([0, 1, -1, 2**63 - 1, -(2**63), None, 7]), pa.int64()),
        "dec": pa.array(
            cycled([Decimal("0.0000"), Decimal("-0.0001"), Decimal("99999999999999.9999"), None, Decimal("1.5000")]),
            pa.decimal128(18, 4),
        ),
        "half": pa.array(
            cycled([Decimal("0.5"), Decimal("-0.5"), Decimal("1.5"), Decimal("2.5"), Decimal("-2.5"), None]),
            pa.decimal128(10, 1),
        ),
        "ts": pa.array(
            cycled([
                datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2025, 3, 1, 0, 0, 0, 1), None,
                datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(1900, 2, 28, 12), datetime(2024, 2, 29, 23, 59),
            ]),
            pa.timestamp("us"),
        ),
        "dt": pa.array(
            cycled([date(1970, 1, 1), date(1969, 12, 31), date(2025, 3, 1), None, date(9999, 12, 31), date(1900, 3, 1)]),
            pa.date32(),
        ),
        "flag": pa.array(cycled([True, False, None]), pa.bool_()),
        "int_txt": pa.array(cycled(["0", "7", "-7", "+7", "007", None, "2147483647", "-2147483648"]), pa.string()),
        "big_txt": pa.array(cycled(["9223372036854775807", "-9223372036854775808", None, "1"]), pa.string()),
        "dec_txt": pa.array(cycled(["0", "1.5", "-1.50", "+2.2500", "12.", None, "1.2300000"]), pa.string()),
        "dt_txt": pa.array(cycled(["2025-03-01", "1969-12-31", "2024-02-29", None, "1000-01-01"]), pa.string()),
        "ts_txt": pa.array(
            cycled([
                "2025-03-01", "2025-03-01 00:00:00", "2025-03-01 23:59:59.999999", "2025-03-01T01:02:03.5", None,
                "1969-12-31 23:59:59.000001",
            ]),
            pa.string(),
        ),
    }
)  # fmt: skip
OTHER_TABLE = pa.table(
    {
        "key": pa.array([0, 1, 1, None, 7], pa.int64()),
        "val": pa.array(["zero", "one", "uno", "none", None]),
        "seq": pa.array([1, 2, 3, 4, 5], pa.int32()),
    }
)


def over_edge(*expressions: str, where: str = "") -> str:
    items = ", ".join(f"{text} AS c{number}" for number, text in enumerate(expressions))
    return f"SELECT id, {items} FROM {EDGE} {where}"


EQUAL: dict[str, str] = {
    "columns": over_edge("txt", "num", "big", "dec", "ts", "dt", "flag", "tiny"),
    "star": f"SELECT * FROM {EDGE}",
    "upper and lower case": over_edge("UPPER(txt)", "LOWER(txt)", where="WHERE txt NOT IN ('e\u0301','日本','😀 smile')"),
    "trim": over_edge("TRIM(txt)", "TRIM(UPPER('  x '))"),
    "ltrim and rtrim": over_edge("LTRIM(txt)", "RTRIM(txt)", "LTRIM(RTRIM(txt2))", "TRIM(TRAILING FROM txt)", "TRIM(BOTH FROM txt)"),
    "concat": over_edge("CONCAT(txt, '-', txt2)", "txt || txt2", "CONCAT(txt)"),
    "substring": over_edge("SUBSTRING(txt, 1, 2)", "SUBSTR(txt, 2)", "SUBSTRING(txt, 3, 100)", "SUBSTRING(txt, 50, 1)"),
    "length": over_edge("LENGTH(txt)", "CHAR_LENGTH(txt2)"),
    "pad": over_edge("LPAD(txt, 4, '0')", "RPAD(txt, 4, '0')", "LPAD(txt, 3, 'ab')", "LPAD(txt, 0, '0')"),
    "coalesce": over_edge("COALESCE(txt, txt2, '')", "NVL(num, 5)", "COALESCE(dec, 0)", "COALESCE(ts, TIMESTAMP '2025-01-01 00:00:00')"),
    "nullif": over_edge("NULLIF(txt, 'A')", "NULLIF(num, 0)", "NULLIF(big, 7)"),
    "case": over_edge(
        "CASE WHEN txt = 'U' THEN 'UN' WHEN txt IS NULL THEN '?' ELSE txt END",
        "CASE txt WHEN 'I' THEN 1 WHEN 'U' THEN 2 END",
        "CASE WHEN flag THEN num ELSE 0 END",
        "IF(num > 0, 'pos', 'neg')",
    ),
    "null tests": over_edge("txt IS NULL", "num IS NOT NULL", "NOT flag", "flag AND num > 0", "flag OR num > 0"),
    "comparisons": over_edge(
        "txt = txt2", "txt <> txt2", "txt < txt2", "txt >= 'a'", "num < big", "num <= 1", "dec > 0", "dec = big",
        "half >= 1.5", "ts > TIMESTAMP '1970-01-01 00:00:00'", "dt = ts", "dt < '1970-01-01'", "ts >= '2025-03-01'",
        "big != 7", "num <=> tiny", "txt <=> txt2", "dt <=> NULL",
    ),
    "between and in": over_edge(
        "num BETWEEN -1 AND 1", "dt BETWEEN '1900-01-01' AND DATE '1970-01-01'", "txt IN ('A', 'a', '')",
        "txt NOT IN ('A', NULL)", "num IN (0, 1)", "dt IN ('2025-03-01', DATE '1970-01-01')", "NOT txt BETWEEN 'A' AND 'Z'",
    ),
    "like": over_edge("txt LIKE 'a%'", "txt LIKE '_'", "txt NOT LIKE '%b%'", "txt LIKE ''", "txt LIKE 'x_y'"),
    "literals": over_edge(
        "1", "-1", "1.50", "-0.5", "'text'", "''", "TRUE", "NULL", "DATE '2025-03-01'", "10L",
        "TIMESTAMP '2025-03-01 01:02:03.000004'", "TIMESTAMP '2025-03-01'", '"double quoted"', "'it''s'", "(1)",
    ),
    "cast text to numbers": over_edge(
        "CAST(int_txt AS INT)", "CAST(big_txt AS BIGINT)", "CAST(int_txt AS BIGINT)", "CAST(dec_txt AS DECIMAL(10,2))",
        "CAST(dec_txt AS DECIMAL(18,4))", "CAST(int_txt AS DECIMAL(12,0))",
    ),
    "cast text to dates": over_edge(
        "CAST(dt_txt AS DATE)", "CAST(ts_txt AS TIMESTAMP)", "TO_DATE(dt_txt)", "CAST(dt_txt AS TIMESTAMP)",
        "CAST('2025-03-01 00:00:00.000000' AS TIMESTAMP)", "DATE('2025-03-01')",
    ),
    "cast numbers": over_edge(
        "CAST(num AS BIGINT)", "CAST(tiny AS INT)", "CAST(num AS DECIMAL(18,4))", "CAST(big AS DECIMAL(38,0))",
        "CAST(half AS DECIMAL(10,0))", "CAST(dec AS DECIMAL(38,10))", "CAST(dec AS DECIMAL(18,2))", "CAST(big AS STRING)",
        "CAST(num AS STRING)", "CAST(NULL AS INT)", "CAST(NULL AS STRING)",
    ),
    "cast dates": over_edge(
        "CAST(ts AS TIMESTAMP)", "CAST(ts AS DATE)", "CAST(dt AS DATE)", "CAST(dt AS TIMESTAMP)", "CAST(dt AS STRING)",
        "TO_DATE(ts)", "CAST(txt AS STRING)", "CAST(flag AS BOOLEAN)",
    ),
    "inner join": f"SELECT e.id, o.val, o.seq FROM {EDGE} e JOIN {OTHER} o ON e.big = o.key AND o.val IS NOT NULL",
    "left join": f"SELECT e.id, o.val FROM {EDGE} AS e LEFT OUTER JOIN {OTHER} AS o ON o.key = e.big AND o.seq <> 3",
    "left join with a filter": f"SELECT /*+ BROADCAST(o) */ e.id, o.val FROM {EDGE} e LEFT JOIN {OTHER} o ON o.key = e.big WHERE o.key IS NULL",
    "cross join": f"SELECT e.id, o.seq FROM {EDGE} e CROSS JOIN {OTHER} o WHERE o.seq > 3",
    "subquery": f"SELECT q.id, q.t FROM (SELECT id, TRIM(txt) AS t FROM {EDGE} WHERE num >= 0) q",
    "with": f"WITH a AS (SELECT id, num FROM {EDGE}), b AS (SELECT * FROM a WHERE num > 0) SELECT b.id, a.num FROM a JOIN b ON a.id = b.id",
    "union all": f"SELECT id, txt FROM {EDGE} UNION ALL SELECT key, val FROM {OTHER} WHERE key IS NOT NULL",
    "union": f"SELECT big AS k, flag FROM {EDGE} UNION SELECT big, flag FROM {EDGE}",
    "union of widths": f"SELECT id, num AS n FROM {EDGE} UNION ALL SELECT id, dec FROM {EDGE}",
    "distinct": f"SELECT DISTINCT big, flag FROM {EDGE}",
    "group by": f"SELECT flag, COUNT(*) AS n, COUNT(txt) AS t, COUNT(DISTINCT num) AS d, MAX(dec) AS hi, MIN(txt) AS lo, MAX(ts) AS last FROM {EDGE} GROUP BY flag HAVING COUNT(*) > 1",
    "row_number": f"SELECT id, ROW_NUMBER() OVER (PARTITION BY flag ORDER BY txt DESC, id) AS n FROM {EDGE}",
    "row_number nulls": f"SELECT id, ROW_NUMBER() OVER (ORDER BY num, ts DESC NULLS FIRST, dec ASC NULLS LAST, id DESC) AS n FROM {EDGE}",
    "rank": f"SELECT id, RANK() OVER (PARTITION BY flag ORDER BY num DESC) AS r, DENSE_RANK() OVER (ORDER BY dt) AS d FROM {EDGE}",
    "window aggregates": f"SELECT id, MAX(num) OVER (PARTITION BY flag) AS m, COUNT(*) OVER (PARTITION BY flag ORDER BY id) AS n FROM {EDGE}",
    "deduplicated": f"SELECT q.id, q.txt FROM (SELECT e.*, ROW_NUMBER() OVER (PARTITION BY e.num ORDER BY e.id DESC) AS rn FROM {EDGE} e) q WHERE q.rn = 1",
}  # fmt: skip

# expression over one text column -> values that Spark turns into NULL, or reads in a way of its own
RAISES: dict[str, list[str]] = {
    "CAST(v AS INT)": ["", "x", "1.5", "2147483648", " 7", "1e3", "0x10", "NaN"],
    "CAST(v AS BIGINT)": ["", "9223372036854775808", "1_000"],
    "CAST(v AS DECIMAL(5,2))": ["", "1000", "1.234", "1e2", "abc", "NaN"],
    "CAST(v AS DATE)": ["", "2025-02-29", "2025-3-1", "2025", "01/02/2025", "20250301", "epoch", "infinity"],
    "CAST(v AS TIMESTAMP)": [
        "", "2025-02-29 00:00:00", "2025-03-01 24:00:00", "2025-03-01 00:00:00Z", "2025-03-01 00:00:00+02:00",
        "2025-03-01 00:00:00.1234567", "now", "2025-03-01 1:00:00", "infinity",
    ],
    "TO_DATE(v)": ["2025-13-01", "x"],
    "UPPER(v)": ["straße", "ﬁ", "ŉ", "ǰ", "İı"],
    "LOWER(v)": ["İ", "ΑΣ"],
    "INITCAP(v)": ["straße", "İ"],
    "CAST(v AS DOUBLE)": ["", "x", "NaN", "Infinity", " 1", "1d", "1,5", "0x10", "1e"],
    "CAST(v AS BOOLEAN)": ["", "Y", "TRUE", "t", "1", "on"],
    "TRY_CAST(v AS INT)": [" 7", "1.5", "1e3", "12L", "7\n"],
    "TRY_CAST(v AS DECIMAL(5,2))": [".5", "1e2", " 1", "1.234"],
    "TRY_CAST(v AS DATE)": ["2025", "2025-3-1", "20250301", "2025-03-01 10:00:00"],
    "TO_DATE(v, 'yyyyMMdd')": ["", "2025031", "20250229", "20251301", "2025-3-01", "x", "20250301 "],
    "TO_DATE(v, 'dd-MMM-yyyy')": ["1-MAR-2025", "01-MARCH-2025", "01-XXX-2025", "31-APR-2025", "01-MAR-25"],
    "TO_TIMESTAMP(v, 'yyyyMMddHHmmss')": ["20250301240000", "20250301235960", "20250301", "20250301 101112"],
    "TO_TIMESTAMP(v, 'yyyy-MM-dd HH:mm:ss.SSS')": ["2025-03-01 10:11:12.1234", "2025-03-01 10:11:12", "2025-03-01T10:11:12.123"],
}  # fmt: skip
