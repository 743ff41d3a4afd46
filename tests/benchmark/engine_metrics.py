"""The metrics of the engine's benchmark: as our definitions, and as the SQL that an analyst would write for the same numbers.

An expression is a template over base aggregates, so that its SQL can be made in several forms: conditional aggregates in one
pass, a query for each window, and daily partial results that window functions roll up.
"""

import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Base:
    """An aggregate of a row expression; `when` is its FILTER. `row` may read {return} and {delta}, which look one row back."""
    function: str  # count sum avg min max first last stddev_samp median
    row: str = "*"
    when: str = ""

    @property
    def looks_back(self):
        return "{" in self.row

    def ours(self):
        row = self.row.replace("{return}", "log_return(close)").replace("{delta}", "delta(close)")
        return f"{self.function}({row})" + (f" FILTER (WHERE {self.when})" if self.when else "")


@dataclasses.dataclass(frozen=True)
class Window:
    name: str
    first_minute: int = 0
    end_minute: int = 390
    sessions: int = 0  # rolling
    to_date: bool = False

    @property
    def reaches(self):
        return self.sessions > 0 or self.to_date

    def condition(self):
        parts = [f"minute >= {self.first_minute}"] if self.first_minute else []
        return parts + ([f"minute < {self.end_minute}"] if self.end_minute < 390 else [])

    def over(self):
        """The window over days that shows what this one shows."""
        if self.to_date:
            return "(PARTITION BY symbol, month ORDER BY day ROWS UNBOUNDED PRECEDING)"
        return f"(PARTITION BY symbol ORDER BY day ROWS {self.sessions - 1} PRECEDING)"


WINDOWS = [
    Window("rth"),
    Window("first_30m", end_minute=30),
    Window("last_30m", first_minute=360),
    Window("first_5m", end_minute=5),
    Window("10:00-11:30 of rth", first_minute=30, end_minute=120),
    Window("rolling_5_sessions of rth", sessions=5),
    Window("rolling_20_sessions of rth", sessions=20),
    Window("month_to_date of rth", to_date=True),
]

VALUE = "close * volume"
TYPICAL = "(high + low + close) / 3 * volume"
VWAP = "{0} / nullif({1}, 0)"


@dataclasses.dataclass(frozen=True)
class Expression:
    template: str
    bases: tuple

    def render(self, texts):
        return self.template.format(*texts)


def plain(function, row="*", when=""):
    return Expression("{0}", (Base(function, row, when),))


def expressions():
    """Those of a trading analyst; thresholds give the many variants that such catalogues have."""
    volume = Base("sum", "volume")
    vwap_bases = (Base("sum", VALUE), volume)
    made = [
        Expression(VWAP, vwap_bases),
        plain("sum", "volume"), plain("count"), plain("avg", "close"), plain("max", "high"), plain("min", "low"),
        plain("first", "open"), plain("last", "close"), plain("stddev_samp", "close"), plain("max", "volume"),
        plain("sum", VALUE), plain("avg", "high - low"), plain("max", "high - low"), plain("avg", "abs(close - open)"),
        plain("sum", "trades"), plain("stddev_samp", "volume"), plain("median", "volume"), plain("avg", "ln(high / low)"),
        plain("stddev_samp", "{return}"), plain("sum", "abs({delta})"), plain("max", "{return}"),
        Expression("{0} - {1}", (Base("last", "close"), Base("first", "open"))),
        Expression("{0} / {1} - 1", (Base("last", "close"), Base("first", "open"))),
        Expression("{0} - {1}", (Base("max", "high"), Base("min", "low"))),
        Expression("({0} - {1}) / nullif({2} - {1}, 0)", (Base("last", "close"), Base("min", "low"), Base("max", "high"))),
        Expression("{2} - {0} / nullif({1}, 0)", (*vwap_bases, Base("last", "close"))),
        Expression("{0} / nullif({1}, 0)", (Base("sum", TYPICAL), volume)),
        Expression("{0} / nullif({1}, 0)", (volume, Base("sum", "trades"))),
        Expression("{0} / nullif({1}, 0)", (Base("sum", "volume", "close > open"), Base("sum", "volume", "close < open"))),
        Expression("{0} / nullif({1}, 0)", (Base("sum", VALUE, "close > open"), Base("sum", "volume", "close > open"))),
        Expression("{0} * 100.0 / {1}", (Base("count", "*", "close > open"), Base("count"))),
        Expression("sqrt({0} / 2.772588722239781)", (Base("avg", "ln(high / low) * ln(high / low)"),)),
        Expression("{0} / nullif({1}, 0)", (Base("stddev_samp", "close"), Base("avg", "close"))),
        Expression("({0} - {1}) / nullif({2}, 0)", (Base("last", "close"), Base("avg", "close"), Base("stddev_samp", "close"))),
    ]
    for threshold in (1000, 2000, 5000, 10000, 20000, 40000):
        made += [plain("count", "*", f"volume > {threshold}"), plain("sum", VALUE, f"volume > {threshold}"),
                 plain("avg", "close", f"volume > {threshold}")]
    for threshold in (0.02, 0.05, 0.1, 0.2):
        made += [plain("count", "*", f"abs(close - open) > {threshold}"), plain("sum", "volume", f"high - low > {threshold}"),
                 plain("max", "volume", f"close - open > {threshold}")]
    return made


@dataclasses.dataclass(frozen=True)
class Metric:
    column: str
    window: Window
    expression: Expression

    def ours(self):
        # Division by zero is NULL in our language.
        text = self.expression.template.replace("nullif({1}, 0)", "{1}").replace("nullif({2}, 0)", "{2}")
        return {"window": self.window.name, "expression": text.format(*[base.ours() for base in self.expression.bases])}


def metrics(count):
    """The first of the same sequence whatever the count: the volume-weighted price of the session, then at random."""
    every = [(window, expression) for expression in expressions() for window in WINDOWS
             if not (window.reaches and any(base.looks_back for base in expression.bases))]
    head, rest = every[0], every[1:]
    random.Random(5).shuffle(rest)
    chosen = ([head] + rest)[:count]
    assert len(chosen) == count, f"there are {len(every)} metrics"
    return [Metric(f"m{i}", window, expression) for i, (window, expression) in enumerate(chosen)]


class Dialect:
    """What the peers write differently."""

    def __init__(self, name):
        self.name = name

    def aggregate(self, base, conditions):
        row = base.row.replace("{return}", "log_return").replace("{delta}", "delta")
        conditions = list(conditions) + ([base.when] if base.when else [])
        when = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
        if base.function in ("first", "last"):
            return self.end(base.function, row, when)
        if base.function == "median":
            call = "median(%s)" % row if self.name == "duckdb" else f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {row})"
            return f"({call}{when})::FLOAT8"
        if base.function == "stddev_samp":  # PostgreSQL's is slow for integers
            row = f"({row})::FLOAT8"
        return f"({base.function}({row}){when})::FLOAT8"

    def end(self, function, row, when):
        if self.name == "duckdb":
            return f"({'arg_min' if function == 'first' else 'arg_max'}({row}, minute){when})::FLOAT8"
        # Arrays compare by their first element; PostgreSQL has no ordered first without a sort for each group.
        return f"(({'min' if function == 'first' else 'max'}(ARRAY[minute::FLOAT8, {row}]){when}))[2]"


class Terms:
    """Distinct texts with a name each."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.names = {}

    def name(self, text):
        return self.names.setdefault(text, f"{self.prefix}{len(self.names)}")

    def selected(self):
        return [f"{text} AS {name}" for text, name in self.names.items()]


def rows_of(looks_back, conditions=()):
    """What aggregates read: the table, with what looks one row back where that is needed."""
    shown = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    if not looks_back:
        return f"bars{shown}"
    return ("(SELECT *, ln(close / lag(close) OVER before) AS log_return, close - lag(close) OVER before AS delta "
            f"FROM bars{shown} WINDOW before AS (PARTITION BY symbol, day ORDER BY minute)) AS shown")


def decomposes(metric):
    return not metric.window.reaches or all(base.function != "median" for base in metric.expression.bases)


def one_pass(dialect, chosen):
    """Conditional aggregates by session; windows that reach are rolled up from partial results of the sessions."""
    partials, answers = Terms("p"), []
    for metric in chosen:
        texts = [rolled_up(dialect, base, metric.window, partials) for base in metric.expression.bases]
        answers.append(f"{metric.expression.render(texts)} AS {metric.column}")
    looks_back = any(base.looks_back for metric in chosen for base in metric.expression.bases)
    return (f"WITH sessions AS (SELECT symbol, day, min(month) AS month, {', '.join(partials.selected())} FROM {rows_of(looks_back)} "
            f"GROUP BY symbol, day) SELECT symbol, day, {', '.join(answers)} FROM sessions")


def rolled_up(dialect, base, window, partials):
    def partial(function, row, when):
        conditions = window.condition()
        if base.looks_back:  # nothing lies before the first row of a window
            conditions = [f"minute > {window.first_minute}", *conditions[bool(window.first_minute):]]
        return partials.name(dialect.aggregate(Base(function, row, when), conditions))

    if not window.reaches:
        return partial(base.function, base.row, base.when)
    over = window.over()
    if base.function in ("sum", "count"):
        return f"sum({partial(base.function, base.row, base.when)}) OVER {over}"
    if base.function in ("min", "max"):
        return f"{base.function}({partial(base.function, base.row, base.when)}) OVER {over}"
    if base.function == "first":
        return f"first_value({partial('first', base.row, base.when)}) OVER {over}"
    if base.function == "last":
        return partial("last", base.row, base.when)
    total = f"sum({partial('sum', base.row, base.when)}) OVER {over}"
    count = f"nullif(sum({partial('count', base.row, base.when)}) OVER {over}, 0)"
    if base.function == "avg":
        return f"({total} / {count})"
    squares = f"sum({partial('sum', f'({base.row})::FLOAT8 * ({base.row})', base.when)}) OVER {over}"
    return f"sqrt(greatest({squares} - {total} * ({total}) / {count}, 0) / nullif({count} - 1, 0))"


def expanded(dialect, chosen):
    """What does not decompose: each row once for every window that shows it."""
    statements = []
    for window in dict.fromkeys(metric.window for metric in chosen):
        answers = []
        for metric in chosen:
            if metric.window == window:
                texts = [dialect.aggregate(base, []) for base in metric.expression.bases]
                answers.append(f"{metric.expression.render(texts)} AS {metric.column}")
        within = ("shown.day BETWEEN bars.day AND bars.day + %d" % (window.sessions - 1) if window.sessions
                  else "shown.day >= bars.day AND shown.month = bars.month")
        statements.append(f"SELECT bars.symbol AS symbol, shown.day AS day, {', '.join(answers)} FROM bars JOIN days AS shown "
                          f"ON {within} GROUP BY bars.symbol, shown.day")
    return statements


def by_window(dialect, chosen):
    """A query for each window, over its rows only."""
    statements = []
    for window in dict.fromkeys(metric.window for metric in chosen):
        mine = [metric for metric in chosen if metric.window == window]
        if window.reaches:
            statements.append(one_pass(dialect, mine))
            continue
        aggregates = Terms("a")
        answers = []
        for metric in mine:
            texts = [aggregates.name(dialect.aggregate(base, [])) for base in metric.expression.bases]
            answers.append(f"{metric.expression.render(texts)} AS {metric.column}")
        looks_back = any(base.looks_back for metric in mine for base in metric.expression.bases)
        statements.append(f"WITH sessions AS (SELECT symbol, day, {', '.join(aggregates.selected())} "
                          f"FROM {rows_of(looks_back, window.condition())} GROUP BY symbol, day) "
                          f"SELECT symbol, day, {', '.join(answers)} FROM sessions")
    return statements


def formulations(dialect_name, chosen):
    """The forms in which a peer is asked, each a list of statements that together give all metrics."""
    dialect = Dialect(dialect_name)
    whole = [metric for metric in chosen if decomposes(metric)]
    rest = expanded(dialect, [metric for metric in chosen if not decomposes(metric)])
    return {"one pass": ([one_pass(dialect, whole)] if whole else []) + rest, "by window": by_window(dialect, whole) + rest}


def case(count):
    chosen = metrics(count)
    return {"metrics": [metric.ours() for metric in chosen],
            "duckdb": formulations("duckdb", chosen), "postgresql": formulations("postgresql", chosen)}
