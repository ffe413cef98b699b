"""What to write instead of a function that is not proven equal, by the name that the script's author wrote."""

from __future__ import annotations

CLOCK = "a token such as {ETL_START_TIMESTAMP}"
ONE_ROW = "a subquery with ROW_NUMBER() OVER (... ORDER BY ...) and the filter rn = 1"
MART = "in the vault or mart script, which Postgres runs"
ALTERNATIVES: dict[str, str] = {
    name: text
    for names, text in {
        "AVG MEAN": f"SUM(x) and COUNT(x) here, and divide them {MART}",
        "TO_CHAR TO_VARCHAR FORMAT_STRING PRINTF": "DATE_FORMAT(date, 'yyyyMMdd'), or CAST(number AS STRING)",
        "TO_NUMBER TRY_TO_NUMBER": "CAST(text AS DECIMAL(18,2))",
        "FORMAT_NUMBER": "CAST(number AS STRING)",
        "CONVERT": "CAST(x AS type)",
        "CHARINDEX": "LOCATE(part, text) or INSTR(text, part)",
        "STUFF OVERLAY INSERT": "CONCAT(LEFT(text, n), part, SUBSTRING(text, m))",
        "MID": "SUBSTRING(text, start, length)",
        "IFF IIF": "IF(condition, a, b) or CASE",
        "ZEROIFNULL": "COALESCE(x, 0)",
        "NULLIFZERO": "NULLIF(x, 0)",
        "NANVL": "COALESCE(x, y); NaN does not pass a staging load",
        "ISNULL": "COALESCE(x, y); ISNULL of one argument is a condition",
        "SYSDATE SYSTIMESTAMP GETDATE SYSDATETIME": CLOCK,
        "DATEADD TIMESTAMPADD": "DATE_ADD(date, days), ADD_MONTHS(date, months) or timestamp + INTERVAL 1 HOUR",
        "TIMESTAMPDIFF": "DATEDIFF(end, start) in days, or MONTHS_BETWEEN(end, start)",
        "DATEPART DATE_PART EXTRACT": "YEAR(x), MONTH(x), DAY(x) or another function of one part",
        "DAYNAME": "DATE_FORMAT(date, 'EEE')",
        "MONTHNAME": "DATE_FORMAT(date, 'MMM')",
        "WEEKDAY": "DAYOFWEEK(date), which counts from 1 for Sunday",
        "FROM_UNIXTIME TIMESTAMP_SECONDS": "DATE_ADD(DATE '1970-01-01', seconds DIV 86400) for the day",
        "UNIX_TIMESTAMP TO_UNIX_TIMESTAMP UNIX_SECONDS": "the timestamp itself; for days, DATEDIFF(x, DATE '1970-01-01')",
        "UNIX_DATE": "DATEDIFF(date, DATE '1970-01-01')",
        "DATE_FROM_UNIX_DATE": "DATE_ADD(DATE '1970-01-01', days)",
        "BROUND": "ROUND(x, n), which rounds half away from zero",
        "PMOD": "((a % b) + b) % b",
        "POWER POW": "x * x",
        "LISTAGG STRING_AGG GROUP_CONCAT COLLECT_LIST COLLECT_SET ARRAY_AGG": f"the list {MART}",
        "FIRST LAST ANY_VALUE MAX_BY MIN_BY ARG_MAX ARG_MIN": ONE_ROW,
        "NTH_VALUE": "ROW_NUMBER() OVER (... ORDER BY ...) and a filter",
        "REGEXP_SUBSTR": "NULLIF(REGEXP_EXTRACT(text, pattern, 0), '')",
        "REGEXP_INSTR REGEXP_COUNT": "REGEXP_EXTRACT or REGEXP_REPLACE, and LENGTH",
        "REGEXPILIKE": "LOWER(text) RLIKE pattern",
        "HASH XXHASH64 CRC32 ORA_HASH CHECKSUM": "MD5(text) or SHA2(text, 256)",
        "BASE64 TO_BASE64 UNBASE64 UNHEX": "HEX(text) or MD5(text)",
        "SOUNDEX LEVENSHTEIN": f"it {MART}",
        "SUBSTRB LENGTHB OCTET_LENGTH BIT_LENGTH": "SUBSTRING and LENGTH, which count characters",
        "FIND_IN_SET": "CONCAT(',', list, ',') LIKE '%,value,%'",
        "STDDEV STDDEV_SAMP STDDEV_POP VARIANCE VAR_SAMP VAR_POP MEDIAN PERCENTILE PERCENTILE_APPROX": f"it {MART}",
        "APPROX_COUNT_DISTINCT APPROXDISTINCT": "COUNT(DISTINCT x)",
        "RAND RANDOM RANDN UUID": "a key made of the row's own columns, such as MD5(CONCAT_WS('|', a, b))",
        "MONOTONICALLY_INCREASING_ID ROWNUM": "ROW_NUMBER() OVER (ORDER BY key)",
    }.items()
    for name in names.split()
}
PARTS: dict[str, str] = {  # a clause of SELECT and others
    "limit": "WHERE, or a subquery with ROW_NUMBER() and a filter",
    "order": "nothing: rows of a table have no order",
    "qualify": "a subquery with ROW_NUMBER() and the filter rn = 1",
    "using": "ON a.key = b.key",
    "query": "a LEFT SEMI JOIN, or a LEFT ANTI JOIN for NOT IN without NULL",
    "windows": "the window after each OVER",
    "filter": "CASE WHEN condition THEN x END inside the aggregate",
}


def alternative(name: str) -> str:
    """What to write instead, or an empty text."""
    return ALTERNATIVES.get(name.upper().replace(" ", "_"), "")
