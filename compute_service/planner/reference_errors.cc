#include "compute_service/planner/reference_errors.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"

namespace metricstore::compute {
namespace {

absl::Status AtNode(const absl::Status& error, const MetricDefinition& reader,
                    const expression::Node& place) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return error;
  const size_t position = expression::PositionOf(reader.expression, place.offset);
  const std::string message = expression::AtPosition(position, std::string(error.message()));
  status::ErrorBuilder builder(error.code(), details->reason, message);
  for (const auto& [key, value] : details->metadata) builder.Metadata(key, value);
  builder.Metadata("position", absl::StrCat(position)).Field("expression", message);
  if (details->retry_after.has_value()) builder.RetryAfter(*details->retry_after);
  return builder.Build();
}

}  // namespace

const std::string& MetricOf(const expression::Node& call) {
  return std::get<std::string>(call.arguments[0]->literal);
}

const std::string& OffsetOf(const expression::Node& call) {
  return std::get<std::string>(call.arguments[1]->literal);
}

absl::Status AtReference(const absl::Status& error, const MetricDefinition& reader,
                         const expression::Node& call) {
  return AtNode(error, reader, *call.arguments.front());
}

absl::Status AtOffset(const absl::Status& error, const MetricDefinition& reader,
                      const expression::Node& call) {
  return AtNode(error, reader, *call.arguments.back());
}

absl::Status MissingReference(const absl::Status& error, const MetricDefinition& reader,
                              const expression::Node& call, std::vector<std::string> given) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return error;
  if (const auto stored = details->metadata.find("suggestion"); stored != details->metadata.end()) {
    given.push_back(stored->second);
  }
  std::erase(given, reader.ref.id);
  const std::string suggestion = status::ClosestMatch(MetricOf(call), given);
  std::string message = absl::StrCat("there is no metric \"", MetricOf(call), "\"");
  if (!suggestion.empty()) absl::StrAppend(&message, "; did you mean \"", suggestion, "\"?");
  status::ErrorBuilder builder(error.code(), details->reason, message);
  for (const auto& [key, value] : details->metadata) {
    if (key != "suggestion") builder.Metadata(key, value);
  }
  if (!suggestion.empty()) builder.Metadata("suggestion", suggestion);
  return AtReference(builder.Build(), reader, call);
}

}  // namespace metricstore::compute
