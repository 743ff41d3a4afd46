// What calls compute: the functions, operators and constructs of expressions.
#pragma once

namespace metricstore::expression {

// What a call computes. Operators and spelled functions share one set. Comments say what the
// catalogue's data cannot. NULL in, NULL out unless said otherwise.
enum class Function {
  // Operators and constructs of the grammar.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,  // real division; NULL where the divisor is zero
  kModulo,  // sign of the dividend; NULL where the divisor is zero
  kNegate,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIsDistinct,     // IS DISTINCT FROM: NULL equals NULL; never NULL
  kIsNotDistinct,  // never NULL
  kAnd,
  kOr,
  kNot,
  kIsNull,
  kIsNotNull,
  kBetween,  // value, low, high
  kIn,       // value, candidates...
  kLike,     // text, pattern literal: % any characters, _ one, backslash takes the next as it is
  kIlike,    // the same whatever the case of ASCII letters
  kCase,     // (condition, result)..., else
  kCaseOf,   // value, (candidate, result)..., else
  kCoalesce,
  kNullIf,
  kGreatest,   // skips NULL
  kLeast,      // skips NULL
  kToFloat64,  // implicit, from int64
  // CAST(x AS type), to the type of the node: NULL where the value does not fit (DuckDB's
  // TRY_CAST). Reals become integers by rounding halves to even. Numbers, conditions, dates and
  // instants become text as DuckDB prints them.
  kCast,
  kConcat,  // a || b: NULL if either is
  // Functions of one number.
  kAbs,
  kSign,
  kFloor,
  kCeil,
  kRound,  // halves away from zero; with a second argument, an integer literal, to that many digits
  kTrunc,  // towards zero
  kExp,
  kLn,     // NULL where x <= 0
  kLog2,   // NULL where x <= 0
  kLog10,  // NULL where x <= 0
  kSqrt,   // NULL where x < 0
  kCbrt,
  kPower,  // NULL for a negative base with a fractional exponent, and for zero with a negative one
  kSin,    // NULL of infinity, as kCos and kTan
  kCos,
  kTan,
  kAsin,  // NULL outside [-1, 1], as kAcos
  kAcos,
  kAtan,
  kAtan2,  // y, x
  kDegrees,
  kRadians,
  kIsNan,
  kIsFinite,
  // Functions of text. Positions and lengths count Unicode code points, from 1.
  kLength,
  kLower,  // ASCII letters and those of Latin, Greek and Cyrillic; see the kernel
  kUpper,
  kTrim,  // spaces, or the characters of the second argument, a literal
  kTrimLeft,
  kTrimRight,
  kSubstring,  // text, start[, length]: PostgreSQL's, so a start before 1 shortens; NULL if length
               // < 0
  kLeft,       // text, count: negative counts leave out so many at the end
  kRight,
  kReplace,  // text, from, to
  kStartsWith,
  kEndsWith,
  kContains,
  kPosition,  // text, part: 0 if there is none
  kPadLeft,   // text, length[, fill literal]
  kPadRight,
  kRepeat,  // text, count literal up to 1000
  kReverse,
  kSplitPart,  // text, separator literal, index literal from 1: '' if there is none
  // Functions of dates and instants, in UTC. The unit is a literal: year, quarter, month, week,
  // day, hour, minute, second; parts also dow (0 is Sunday), isodow (7 is Sunday), doy, epoch.
  kDatePart,   // unit, time: int64, float64 for epoch and second (with fraction)
  kDateTrunc,  // unit, time: an instant
  kDateDiff,   // unit, from, to: starts of the unit between them, but of weeks full seven days
  // Functions of a row and those before it (lead: after it) in its bucket, in the order of time.
  kLag,   // x of n rows before; NULL where there is none
  kLead,  // x of n rows after; NULL where there is none
  kDelta,
  kLogReturn,
  kCumSum,  // of x so far, NULL skipped; NULL before the first
  kCumMax,
  kCumMin,
  kEwma,  // x, alpha literal in (0, 1]: e = alpha * x + (1 - alpha) * e, from the first x; NULL
          // rows keep e
  // Aggregates over the rows of a bucket. All but kCountRows skip NULL; without values all are
  // NULL but counts, which are 0.
  kCountRows,
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kFirst,
  kLast,
  kAnyValue,
  kArgMin,  // x, by: x of the first row with the least `by`, among rows where neither is NULL
  kArgMax,
  kStddevSamp,
  kStddevPop,
  kVarSamp,
  kVarPop,
  kSkewnessSamp,  // adjusted Fisher-Pearson G1; NULL below 3 values or without spread
  kSkewnessPop,   // g1 = m3 / m2^1.5; NULL without spread
  kKurtosisSamp,  // excess, unbiased G2; NULL below 4 values or without spread
  kKurtosisPop,   // excess, g2 = m4 / m2^2 - 3; NULL without spread
  kCovarSamp,     // y, x, over rows where neither is NULL, as all of these pairs
  kCovarPop,
  kCorr,       // NULL without spread in either
  kRegrSlope,  // NULL without spread in x
  kRegrIntercept,
  kRegrR2,  // NULL without spread in x; 1 without spread in y
  kRegrCount,
  kCountDistinct,  // count(DISTINCT x), of any type
  kMedian,         // the middle value, or the mean of the two middle ones
  kMode,           // the most frequent value; of several the one that comes first
  // x, p literal in [0, 1]. Also percentile_cont(p) WITHIN GROUP (ORDER BY x).
  kQuantileCont,  // interpolated, Hyndman and Fan's type 7
  kQuantileDisc,  // the least value at or above which share p lies; their type 1
  kBoolAnd,
  kBoolOr,
  kProduct,
  kGeometricMean,  // exp(avg(ln(x))); NULL if any value is negative or zero
  kEntropy,        // Shannon's, in bits, of how often each value occurs
  kStringAgg,      // text, separator literal; in the order of rows
  kArrayAgg,       // vector of the values in the order of rows; NULL skipped
  kHistogram,      // x, low, high, n literals: vector of n counts, of bins of one width in [low,
                   // high); the last one has high too; values outside are not counted
  kTopK,           // x, k literal: vector of the k greatest, falling
  kBottomK,        // x, k literal: vector of the k least, rising
  // Aggregates that read the order of rows.
  kMaxDrawdown,         // the greatest of 1 - x / (the greatest x so far), x > 0; 0 if x only rises
  kRealizedVolatility,  // sqrt(sum(power(log_return(x), 2))), from one x that is not NULL to the
                        // next
  kVwap,                // price, volume
  kTwap,        // x weighted with the time to the next row with an x; the last one has none. One
                // such row: x
  kZscoreSamp,  // of the last x; NULL without spread
  kZscorePop,
  // The value of another metric at the same bucket, or at one before by an offset. Literal
  // arguments.
  kMetric,  // id, offset ('' for none)
};

}  // namespace metricstore::expression
