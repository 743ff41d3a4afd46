#include "compute_service/engine/series/resampler.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/execution/execution.h"
#include "compute_service/engine/vector/program/bucket_list.h"
#include "compute_service/engine/vector/program/compile.h"

namespace metricstore::compute {
namespace {

using columns::Column;
using columns::ColumnType;
using vector::GroupValues;
using vector::Operand;
using vector::ValueType;

// Bars that are cut before their rows are folded: a few megabytes of them.
constexpr int64_t kBarsAtOnce = 1 << 16;

template <typename From, typename To>
void AppendAs(const Operand& from, size_t count, std::vector<To>* to) {
  const From* const values = from.as<From>();
  for (size_t i = 0; i < count; ++i) to->push_back(static_cast<To>(values[i]));
}

void AppendValues(const Operand& from, ValueType type, size_t count, Column* to) {
  switch (to->type) {
    case ColumnType::kFloat64:
      return AppendAs<double>(from, count, &to->float64);
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return AppendAs<int64_t>(from, count, &to->int64);
    case ColumnType::kBool:
      return AppendAs<uint8_t>(from, count, &to->boolean);
    case ColumnType::kText:
      return AppendAs<uint32_t>(from, count, &to->codes);
    case ColumnType::kDate:
      if (type == ValueType::kDate) return AppendAs<int32_t>(from, count, &to->date);
      return AppendAs<int64_t>(from, count, &to->date);  // extremes, see LowerColumnFold
  }
}

columns::Validity ValidityOf(const Operand& from, size_t count) {
  columns::Validity validity;
  if (from.valid == nullptr) return validity;
  for (size_t i = 0; i < count; ++i) {
    if (from.valid[i] == 0) validity.SetNull(i, count);
  }
  return validity;
}

bool HasClamped(const Operand& sums, size_t count) {
  const std::span values(sums.as<int64_t>(), count);
  return std::any_of(values.begin(), values.end(), [](int64_t sum) {
    return sum == std::numeric_limits<int64_t>::max() || sum == std::numeric_limits<int64_t>::min();
  });
}

const expression::SchemaColumn* FindIn(const expression::Schema& schema, const std::string& name) {
  const auto found =
      std::find_if(schema.begin(), schema.end(),
                   [&name](const expression::SchemaColumn& column) { return column.name == name; });
  return found == schema.end() ? nullptr : &*found;
}

size_t LowerBound(std::span<const int64_t> times, size_t from, absl::Time instant) {
  const auto begin = times.begin() + static_cast<ptrdiff_t>(from);
  return static_cast<size_t>(std::lower_bound(begin, times.end(), ToMicros(instant)) -
                             times.begin());
}

}  // namespace

// The rows made so far.
class Resampler::BarRows {
 public:
  BarRows(const Resampler& resampler, const columns::ColumnBatch& from) : resampler_(resampler) {
    for (const expression::SchemaColumn& column : resampler.schema_) {
      rows_.columns.push_back({.name = column.name, .type = column.type});
      if (column.type == ColumnType::kText) {
        rows_.columns.back().dictionary = from.Find(column.name)->dictionary;
      }
    }
  }

  absl::Status Append(const GroupValues& bars) {
    const size_t count = bars.buckets.size();
    for (const uint32_t bar : bars.buckets) {
      rows_.columns[0].int64.push_back(bars.list.spans[bar].start);
    }
    for (size_t i = 0; i < bars.group.roots.size(); ++i) {
      const vector::Value& root = resampler_.program_.values[bars.group.roots[i]];
      const Operand& values = bars.store[bars.group.roots[i]];
      Column& column = rows_.columns[i + 1];
      if (root.op == vector::Op::kSumExact && HasClamped(values, count)) {
        return vector::BatchInvalid(column.name, "the sum of a bar does not fit into 64 bits");
      }
      AppendValues(values, root.type, count, &column);
      column.validity.Append(ValidityOf(values, count), rows_.rows, count);
    }
    rows_.rows += count;
    return absl::OkStatus();
  }

  columns::ColumnBatch Take() { return std::move(rows_); }

 private:
  const Resampler& resampler_;
  columns::ColumnBatch rows_;  // columns[0] is the time
};

// One call. Walks the dates of the slices that have rows and folds some of them at a time.
class Resampler::Run {
 public:
  Run(const Resampler& resampler, const vector::ExecutionInput& input, const CallBounds& bounds,
      BarRows* made)
      : resampler_(resampler),
        resampling_(*resampler.resampling_),
        all_(input),
        bounds_(bounds),
        made_(*made) {}

  absl::Status Go() {
    size_t row = 0;
    for (const TimeRange& slice : resampling_.slices) {
      row = LowerBound(all_.times, row, slice.start);
      while (row < all_.times.size() && all_.times[row] < ToMicros(slice.end)) {
        const TimeRange piece = PieceAt(slice, FromMicros(all_.times[row]));
        const size_t end = LowerBound(all_.times, row, piece.end);
        RETURN_IF_ERROR(Add(piece, {row, end}));
        row = end;
      }
    }
    return Fold();
  }

 private:
  // What the slice shows of the date of `instant`. Bars do not cross dates.
  TimeRange PieceAt(const TimeRange& slice, absl::Time instant) const {
    const calendar::Calendar& calendar = *resampling_.calendar;
    const TimeRange date = calendar.ExtentOf(calendar.DateAt(instant));
    return {std::max(slice.start, date.start), std::min(slice.end, date.end)};
  }

  absl::Status Add(const TimeRange& piece, vector::RowRange rows) {
    if (pieces_.empty()) rows_.begin = rows.begin;
    rows_.end = rows.end;
    if (resampling_.by_hour) {
      RETURN_IF_ERROR(AddHours(piece));
    } else {
      pieces_.push_back(piece);
    }
    most_bars_ += (piece.end - piece.start) / resampling_.timeframe + 26;
    return most_bars_ < kBarsAtOnce ? absl::OkStatus() : Fold();
  }

  // Adds a piece of one date, cut at the buckets of grain hour.
  absl::Status AddHours(const TimeRange& piece) {
    const absl::CivilDay date = resampling_.calendar->DateAt(piece.start);
    ASSIGN_OR_RETURN(const calendar::WindowBuckets hours,
                     calendar::ResolveBuckets(*resampling_.calendar, resampling_.base, Grain::kHour,
                                              {date, date + 1}));
    for (const calendar::WindowBuckets::Span& hour : hours.spans) {
      const TimeRange part = {std::max(piece.start, hour.shown.start),
                              std::min(piece.end, hour.shown.end)};
      if (part.start < part.end) pieces_.push_back(part);
    }
    return absl::OkStatus();
  }

  absl::Status Fold() {
    if (pieces_.empty()) return absl::OkStatus();
    const vector::BucketList bars = vector::MakeBucketList(calendar::WindowBuckets::From(
        calendar::CutIntoBars(*resampling_.calendar, resampling_.base, resampling_.timeframe,
                              resampling_.alignment, pieces_)));
    pieces_.clear();
    most_bars_ = 0;
    vector::ExecutionInput input = all_;
    input.range = {all_.range.begin + rows_.begin, all_.range.begin + rows_.end};
    input.times = all_.times.subspan(rows_.begin, rows_.rows());
    input.bucket_lists = std::span(&bars, 1);
    return vector::Execute(resampler_.program_, input, bounds_,
                           [this](const GroupValues& values) { return made_.Append(values); });
  }

  const Resampler& resampler_;
  const Resampling& resampling_;
  const vector::ExecutionInput& all_;
  const CallBounds& bounds_;
  BarRows& made_;
  std::vector<TimeRange> pieces_;  // that wait to be folded, and their rows
  vector::RowRange rows_;
  int64_t most_bars_ = 0;
};

absl::StatusOr<std::unique_ptr<const Resampler>> Resampler::Create(
    std::shared_ptr<const Resampling> resampling, std::string time_column,
    const expression::Schema& schema) {
  ASSIGN_OR_RETURN(vector::Program program,
                   vector::CompileFolds(resampling->filters, resampling->columns, schema));
  expression::Schema made = {{time_column, ColumnType::kTimestamp, false}};
  for (const vector::ColumnFold& fold : resampling->columns) {
    const ColumnType type = FindIn(schema, fold.column)->type;
    made.push_back({fold.column, *vector::FoldedType(fold.fold, type), true});
  }
  return std::unique_ptr<const Resampler>(new Resampler(
      std::move(resampling), std::move(time_column), std::move(program), std::move(made)));
}

absl::StatusOr<columns::ColumnBatch> Resampler::Resample(const columns::ColumnBatch& rows,
                                                         const CallBounds& bounds) const {
  ASSIGN_OR_RETURN(const vector::ExecutionInput input,
                   vector::InputOf(program_, rows, time_column_, nullptr));
  BarRows made(*this, rows);
  RETURN_IF_ERROR(Run(*this, input, bounds, &made).Go());
  return made.Take();
}

}  // namespace metricstore::compute
