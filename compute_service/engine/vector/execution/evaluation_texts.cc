#include "compute_service/engine/vector/execution/evaluation_texts.h"

#include <algorithm>
#include <string>

#include "common/status/error.h"

namespace metricstore::compute::vector {

bool TestsColumn(const Value& test, const std::vector<Value>& values) {
  const Op op = values[test.arguments[0]].op;
  return op == Op::kColumn || op == Op::kSlice;
}

EvaluationTexts::EvaluationTexts(const Program& program, const ExecutionInput& input)
    : program_(program),
      pool_(std::make_unique<TextPool>()),
      answers_(program.values.size()),
      pooled_(program.columns.size()) {
  for (const std::string& text : program.texts) pool_->CodeOf(text);
  for (ValueId id = 0; id < program.values.size(); ++id) {
    const Value& value = program.values[id];
    if (value.op == Op::kPoolText) Pool(value.payload, input);
    if (value.op != Op::kTextTest || !TestsColumn(value, program.values)) continue;
    const Value& argument = program.values[value.arguments[0]];
    const bool is_slice = argument.op == Op::kSlice;
    Answer(id, value, is_slice ? program.values[argument.arguments[0]] : argument, input);
  }
}

// NULL rows have code 0 even where the dictionary is empty.
void EvaluationTexts::Answer(ValueId id, const Value& test, const Value& column,
                             const ExecutionInput& input) {
  const std::vector<std::string>& texts = input.columns[column.payload]->dictionary;
  answers_[id].resize(std::max<size_t>(texts.size(), 1));
  const TextTest& ask = program_.tests[test.payload];
  for (size_t code = 0; code < texts.size(); ++code) answers_[id][code] = ask(texts[code]);
}

void EvaluationTexts::Pool(uint64_t column, const ExecutionInput& input) {
  std::vector<uint32_t>& codes = pooled_[column];
  if (!codes.empty()) return;
  const std::vector<std::string>& texts = input.columns[column]->dictionary;
  codes.resize(std::max<size_t>(texts.size(), 1));
  for (size_t code = 0; code < texts.size(); ++code) codes[code] = pool_->CodeOf(texts[code]);
}

absl::Status EvaluationTexts::Check() const {
  if (!pool_->is_exhausted()) return absl::OkStatus();
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                              "the texts that the expressions compute are too large: shorten them, "
                              "or compute fewer distinct ones")
      .Metadata("limit_bytes", std::to_string(TextPool::kMaxBytes))
      .Build();
}

}  // namespace metricstore::compute::vector
