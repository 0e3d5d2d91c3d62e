"""How a person writes days, weeks and hours: dates in five notations, sets of weeks, weekdays, the clock."""

from __future__ import annotations

import re
from datetime import date

from kaopt.scenario.quantities import Wrong, amount, clean

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG = "january|february|march|april|june|july|august|september|october|november|december"
NOTATIONS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(rf"(?P<d>\d{{1,2}})[ -](?P<m>{'|'.join(MONTHS)}|sept|{LONG})[ -](?P<y>\d{{4}})", re.IGNORECASE),
    re.compile(r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?"),
)
AMBIGUOUS = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})")
EXCEL_DAY = re.compile(rf"\d{{1,2}}-({'|'.join(MONTHS)})|\d{{1,2}}月\d{{1,2}}日", re.IGNORECASE)
WRITE_DATE = "Write it like 2027-01-04"
DAYS = (
    "mon monday 一",
    "tue tuesday 二",
    "wed wednesday 三",
    "thu thursday 四",
    "fri friday 五",
    "sat saturday 六",
    "sun sunday 日 天",
)
WEEKDAYS = {name: number for number, names in enumerate(DAYS, start=1) for name in names.split()}


def day(text: str) -> date:
    """A date in one of the five notations; what could be two dates is refused."""
    plain = clean(text)
    for notation in NOTATIONS:
        if match := notation.fullmatch(plain):
            month = match["m"]
            number = int(month) if month.isdigit() else MONTHS.index(month[:3].lower()) + 1
            try:
                return date(int(match["y"]), number, int(match["d"]))
            except ValueError:
                raise Wrong("must be a date that the calendar has", WRITE_DATE) from None
    if AMBIGUOUS.fullmatch(plain):
        raise Wrong("must be a date that can be read in one way only", WRITE_DATE)
    raise Wrong("must be a date", f"{WRITE_DATE}, 2027/1/4, 20270104, 4 Jan 2027 or 2027年1月4日")


def day_or_none(text: str) -> date | None:
    """The date that a text is, or nothing."""
    try:
        return day(text)
    except Wrong:
        return None


def week(text: str) -> int:
    """The number of a week, from 1; a date is refused with its own words."""
    plain = clean(text)
    if (found := day_or_none(plain)) is not None:
        remedy = "Write the number of the week; week 1 is the first of the horizon"
        raise Wrong("must be the number of a week, not a date", remedy, day=found)
    named = re.fullmatch(r"(?:[wW]|week\s*|第)(\d+)周?", plain)
    return int(amount("week", named[1] if named else plain))


def numbers(text: str, *, what: str = "weeks") -> tuple[int, ...]:
    """A set of whole numbers from 1, sorted: `1-4|9|12-13`; separators | ; , 、."""
    plain = clean(text)
    remedy = "Write it like 1-4|9|12-13"
    if EXCEL_DAY.fullmatch(plain) or day_or_none(plain):
        made = f"must be a set of {what}; a spreadsheet has made a date of it"
        raise Wrong(made, "Format the column as text and write 1-4 again")
    found: set[int] = set()
    for part in re.split(r"[|;,、]", plain):
        ends = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-~至]\s*(\d{1,4}))?\s*", part)
        if ends is None:
            raise Wrong(f"must be a set of {what}", remedy)
        first, last = int(ends[1]), int(ends[2] or ends[1])
        if first < 1 or last < first:
            raise Wrong(f"must be {what} from 1, each range from small to large", remedy)
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def lengths(text: str) -> tuple[int, ...]:
    """A set of lengths in weeks: `1|2`."""
    return numbers(text, what="whole numbers")


def weekdays(text: str) -> tuple[int, ...]:
    """A set of days, Monday = 1: `Mon|Wed|Fri`, `1|3|5`, `周一|周三`."""
    found = set()
    for part in re.split(r"[|;,、]", clean(text)):
        name = re.sub(r"^(周|星期|礼拜)", "", part.strip()).lower()
        number = int(name) if re.fullmatch(r"[1-7]", name) else WEEKDAYS.get(name)
        if number is None:
            raise Wrong("must be days of the week", "Write it like Mon|Wed|Fri, 1|3|5 or 周一|周三")
        found.add(number)
    return tuple(sorted(found))


def clock(text: str) -> int:
    """A time of the day in minutes after midnight: `08:30` -> 510; 24:00 is the end of the day."""
    match = re.fullmatch(r"(\d{1,2})[:时点](\d{2})(?::00)?分?", clean(text))
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        raise Wrong("must be a time of the day between 00:00 and 24:00", "Write it like 08:30")
    return int(match[1]) * 60 + int(match[2])
