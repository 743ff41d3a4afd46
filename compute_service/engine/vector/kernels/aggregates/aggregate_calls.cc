#include "compute_service/engine/vector/kernels/aggregates/aggregate_calls.h"

#include <cstring>

#include "compute_service/engine/vector/kernels/aggregates/call_kernels.h"
#include "compute_service/engine/vector/kernels/aggregates/present_rows.h"

namespace metricstore::compute::vector {

struct AggregateCalls::Scratch {
  explicit Scratch(TextPool* texts) : kernels(texts) {}

  CallScratch kernels;
  RowGathering gathering{&kernels.distinct};
};

AggregateCalls::AggregateCalls(TextPool* texts) : scratch_(std::make_unique<Scratch>(texts)) {}
AggregateCalls::~AggregateCalls() = default;

void AggregateCalls::Run(const AggregateCall& call, std::span<const RowRange> ranges, size_t first,
                         Operand* out) {
  const CallKernelChoice choice = KernelOfCall(call);
  const bool widens = choice.wants_reals && call.type == ValueType::kInt64;
  const bool is_count =
      expression::SpecOf(call.function).empty == expression::EmptyBehaviour::kZero;
  const AggregateArgument arguments[] = {{.rows = call.rows[0], .type = call.type},
                                         {.rows = call.rows[1], .type = call.second_type}};
  const std::span<const AggregateArgument> read(arguments, call.rows[1].values == nullptr ? 1 : 2);
  const size_t bytes = ElementBytes(ResultTypeOf(call.function, call.type));
  std::byte* const results = out->as<std::byte>() + first * bytes;
  for (size_t i = 0; i < ranges.size(); ++i) {
    std::byte* const result = results + i * bytes;
    PresentRows rows = scratch_->gathering.Gather(read, ranges[i], call.distinct);
    if (widens && rows.rows > 0) scratch_->gathering.Widen(&rows);
    const bool found = rows.rows > 0 && choice.kernel(scratch_->kernels, call, rows, result);
    if (!found) std::memset(result, 0, bytes);
    out->valid[first + i] = found || is_count ? 1 : 0;
  }
}

}  // namespace metricstore::compute::vector
