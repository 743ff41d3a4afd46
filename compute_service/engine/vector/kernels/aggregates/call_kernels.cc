#include "compute_service/engine/vector/kernels/aggregates/call_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "compute_service/engine/vector/kernels/aggregates/ordered_aggregates.h"
#include "compute_service/engine/vector/kernels/aggregates/products.h"
#include "compute_service/engine/vector/kernels/loops/reductions.h"
#include "compute_service/engine/vector/kernels/parts/moments.h"
#include "compute_service/engine/vector/kernels/ranks/ranks.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;

template <typename T>
bool Put(T value, std::byte* result) {
  std::memcpy(result, &value, sizeof(value));
  return true;
}

template <typename T>
bool Put(const std::optional<T>& value, std::byte* result) {
  return value.has_value() && Put(*value, result);
}

// The first argument's value in that row, whatever it is.
bool PutRow(const AggregateCall& call, const PresentRows& rows, size_t row, std::byte* result) {
  const size_t bytes = ElementBytes(call.type);
  std::memcpy(result, static_cast<const std::byte*>(rows.columns[0]) + row * bytes, bytes);
  return true;
}

double Number(const AggregateCall& call, size_t index) { return call.parameters->numbers[index]; }

// Of doubles.

bool MomentOf(CallScratch&, const AggregateCall& call, const PresentRows& rows, std::byte* result) {
  return Put(Moment(call.function, rows.of<double>(0)), result);
}

bool PairMomentOf(CallScratch&, const AggregateCall& call, const PresentRows& rows,
                  std::byte* result) {
  return Put(PairMoment(call.function, rows.of<double>(0), rows.of<double>(1)), result);
}

bool MedianOf(CallScratch& scratch, const AggregateCall&, const PresentRows& rows,
              std::byte* result) {
  return Put(Median(scratch.CopyOf(rows.of<double>(0))), result);
}

bool QuantileCont(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
                  std::byte* result) {
  const std::span<double> values = scratch.CopyOf(rows.of<double>(0));
  return Put(InterpolatedQuantile(values, Number(call, 0)), result);
}

bool ProductOf(CallScratch&, const AggregateCall&, const PresentRows& rows, std::byte* result) {
  return Put(Product(rows.of<double>(0)), result);
}

bool GeometricMeanOf(CallScratch&, const AggregateCall&, const PresentRows& rows,
                     std::byte* result) {
  return Put(GeometricMean(rows.of<double>(0)), result);
}

bool MaxDrawdownOf(CallScratch&, const AggregateCall&, const PresentRows& rows, std::byte* result) {
  return Put(MaxDrawdown(rows.of<double>(0)), result);
}

bool RealizedVolatilityOf(CallScratch&, const AggregateCall&, const PresentRows& rows,
                          std::byte* result) {
  return Put(RealizedVolatility(rows.of<double>(0)), result);
}

bool Twap(CallScratch&, const AggregateCall&, const PresentRows& rows, std::byte* result) {
  return Put(TimeWeightedMean(rows.of<double>(0), rows.of<int64_t>(1)), result);
}

// Bins of one width: an edge is low + width * its number, whatever the quotient rounds to.
void CountIntoBins(std::span<const double> values, double low, double high,
                   std::span<int64_t> bins) {
  const auto count = static_cast<double>(bins.size());
  const double width = high / count - low / count;
  for (const double value : values) {
    if (!(value >= low && value <= high)) continue;
    const double place = std::floor(value / width - low / width);
    auto bin = static_cast<size_t>(std::clamp(place, 0.0, count - 1));
    if (bin > 0 && value < low + width * static_cast<double>(bin)) --bin;
    if (bin + 1 < bins.size() && value >= low + width * static_cast<double>(bin + 1)) ++bin;
    ++bins[bin];
  }
}

bool Histogram(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
               std::byte* result) {
  scratch.counts.assign(static_cast<size_t>(Number(call, 2)), 0);
  CountIntoBins(rows.of<double>(0), Number(call, 0), Number(call, 1), scratch.counts);
  scratch.list.Start();
  for (const int64_t count : scratch.counts) {
    scratch.list.Add(count, columns::ColumnType::kInt64);
  }
  return Put(scratch.texts.CodeOf(scratch.list.Finish()), result);
}

// Of every type.

double SumOfRows(std::span<const double> values) { return SumOf(values.data(), values.size()); }
double SumOfRows(std::span<const int64_t> values) {
  return static_cast<double>(SumOf(values.data(), values.size()));
}

template <typename T>
bool Sum(CallScratch&, const AggregateCall&, const PresentRows& rows, std::byte* result) {
  return Put(SumOfRows(rows.of<T>(0)), result);
}

template <typename T>
bool Avg(CallScratch&, const AggregateCall&, const PresentRows& rows, std::byte* result) {
  return Put(SumOfRows(rows.of<T>(0)) / static_cast<double>(rows.rows), result);
}

template <typename T>
bool CountDistinct(CallScratch& scratch, const AggregateCall&, const PresentRows& rows,
                   std::byte* result) {
  auto& distinct = scratch.distinct.Of(T());
  distinct.Start();
  for (const T value : rows.of<T>(0)) distinct.NumberOf(value);
  return Put(static_cast<int64_t>(distinct.count()), result);
}

template <typename T>
void CountFrequenciesOf(const PresentRows& rows, CallScratch* scratch) {
  CountFrequencies(rows.of<T>(0), scratch->distinct.Of(T()), &scratch->frequencies);
}

template <typename T>
bool Mode(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
          std::byte* result) {
  CountFrequenciesOf<T>(rows, &scratch);
  return PutRow(call, rows, RowOfMode(scratch.frequencies), result);
}

template <typename T>
bool EntropyOf(CallScratch& scratch, const AggregateCall&, const PresentRows& rows,
               std::byte* result) {
  CountFrequenciesOf<T>(rows, &scratch);
  return Put(Entropy(scratch.frequencies), result);
}

// Of texts: all else is compared in loops.
bool ExtremeText(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
                 std::byte* result) {
  const bool is_greatest = call.function == Function::kMax;
  return PutRow(call, rows, PlaceOfExtreme(rows.of<TextCode>(0), is_greatest, scratch.order),
                result);
}

// The type is that of the second argument.
template <typename T>
bool ArgExtreme(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
                std::byte* result) {
  const bool is_greatest = call.function == Function::kArgMax;
  return PutRow(call, rows, PlaceOfExtreme(rows.of<T>(1), is_greatest, scratch.order), result);
}

template <typename T>
bool QuantileDisc(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
                  std::byte* result) {
  const std::span<T> values = scratch.CopyOf(rows.of<T>(0));
  const size_t place = DiscreteQuantilePlace(values.size(), Number(call, 0));
  return Put(Select(values, place, scratch.order), result);
}

// Lists.

void AddTo(CallScratch* scratch, const AggregateCall&, double value) { scratch->list.Add(value); }
void AddTo(CallScratch* scratch, const AggregateCall& call, int64_t value) {
  scratch->list.Add(value, call.argument_type);
}
void AddTo(CallScratch* scratch, const AggregateCall&, uint8_t value) {
  scratch->list.Add(value != 0);
}
void AddTo(CallScratch* scratch, const AggregateCall&, TextCode value) {
  scratch->list.Add(TextOf(scratch->texts, value));
}

template <typename T>
bool PutList(CallScratch* scratch, const AggregateCall& call, std::span<const T> values,
             std::byte* result) {
  scratch->list.Start();
  for (const T value : values) {
    AddTo(scratch, call, value);
    if (scratch->list.is_full()) break;
  }
  return Put(scratch->texts.CodeOf(scratch->list.Finish()), result);
}

template <typename T>
bool ArrayAgg(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
              std::byte* result) {
  return PutList(&scratch, call, rows.of<T>(0), result);
}

template <typename T>
bool Extremes(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
              std::byte* result) {
  const std::span<T> values = scratch.CopyOf(rows.of<T>(0));
  const size_t count = SortExtremes(values, static_cast<size_t>(Number(call, 0)),
                                    call.function == Function::kTopK, scratch.order);
  return PutList(&scratch, call, std::span<const T>(values.first(count)), result);
}

bool StringAgg(CallScratch& scratch, const AggregateCall& call, const PresentRows& rows,
               std::byte* result) {
  const std::string& separator = call.parameters->texts[0];
  scratch.text.clear();
  bool is_first = true;
  for (const TextCode code : rows.of<TextCode>(0)) {
    if (!is_first) scratch.text += separator;
    is_first = false;
    scratch.text += TextOf(scratch.texts, code);
    if (scratch.text.size() > TextPool::kMaxRowTextBytes) break;
  }
  return Put(scratch.texts.CodeOf(scratch.text), result);
}

// choose(T()) for the element type that `type` is in memory.
template <typename Choose>
CallKernel ForType(ValueType type, const Choose& choose) {
  switch (type) {
    case ValueType::kFloat64:
      return choose(double());
    case ValueType::kInt64:
      return choose(int64_t());
    case ValueType::kBool:
      return choose(uint8_t());
    case ValueType::kDate:
    case ValueType::kCode:
      break;
  }
  return choose(TextCode());
}

// nullptr unless it is of reals. Variances are those of DISTINCT values.
CallKernel KernelOfReals(Function function) {
  switch (function) {
    case Function::kVarSamp:
    case Function::kVarPop:
    case Function::kStddevSamp:
    case Function::kStddevPop:
    case Function::kSkewnessSamp:
    case Function::kSkewnessPop:
    case Function::kKurtosisSamp:
    case Function::kKurtosisPop:
      return MomentOf;
    case Function::kCovarSamp:
    case Function::kCovarPop:
    case Function::kCorr:
    case Function::kRegrSlope:
    case Function::kRegrIntercept:
    case Function::kRegrR2:
      return PairMomentOf;
    case Function::kMedian:
      return MedianOf;
    case Function::kQuantileCont:
      return QuantileCont;
    case Function::kProduct:
      return ProductOf;
    case Function::kGeometricMean:
      return GeometricMeanOf;
    case Function::kMaxDrawdown:
      return MaxDrawdownOf;
    case Function::kRealizedVolatility:
      return RealizedVolatilityOf;
    case Function::kTwap:
      return Twap;
    case Function::kHistogram:
      return Histogram;
    default:
      return nullptr;
  }
}

CallKernel KernelOfAnyType(const AggregateCall& call) {
  switch (call.function) {
    case Function::kSum:
      return call.type == ValueType::kInt64 ? Sum<int64_t> : Sum<double>;
    case Function::kAvg:
      return call.type == ValueType::kInt64 ? Avg<int64_t> : Avg<double>;
    case Function::kMin:
    case Function::kMax:
      return call.type == ValueType::kCode ? ExtremeText : nullptr;
    case Function::kArgMin:
    case Function::kArgMax:
      return ForType(call.second_type,
                     [](auto of) -> CallKernel { return ArgExtreme<decltype(of)>; });
    case Function::kCountDistinct:
      return ForType(call.type, [](auto of) -> CallKernel { return CountDistinct<decltype(of)>; });
    case Function::kMode:
      return ForType(call.type, [](auto of) -> CallKernel { return Mode<decltype(of)>; });
    case Function::kEntropy:
      return ForType(call.type, [](auto of) -> CallKernel { return EntropyOf<decltype(of)>; });
    case Function::kQuantileDisc:
      return ForType(call.type, [](auto of) -> CallKernel { return QuantileDisc<decltype(of)>; });
    case Function::kStringAgg:
      return StringAgg;
    case Function::kArrayAgg:
      return ForType(call.type, [](auto of) -> CallKernel { return ArrayAgg<decltype(of)>; });
    case Function::kTopK:
    case Function::kBottomK:
      return ForType(call.type, [](auto of) -> CallKernel { return Extremes<decltype(of)>; });
    default:
      return nullptr;
  }
}

}  // namespace

CallKernelChoice KernelOfCall(const AggregateCall& call) {
  const CallKernel of_reals = KernelOfReals(call.function);
  if (of_reals != nullptr) return {.kernel = of_reals, .wants_reals = true};
  return {.kernel = KernelOfAnyType(call), .wants_reals = false};
}

}  // namespace metricstore::compute::vector
