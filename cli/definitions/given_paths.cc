#include "cli/definitions/given_paths.h"

#include <algorithm>
#include <cctype>

#include "common/status/error.h"

namespace metricstore::cli {
namespace {

// Whether a path may begin after `before`.
bool EndsWord(char before) {
  const auto c = static_cast<unsigned char>(before);
  return std::isalnum(c) == 0 && c != '/' && c != '.' && c != '_' && c != '-';
}

}  // namespace

bool GivenPaths::Add(const std::string& sent, const std::string& given) {
  return given_.emplace(sent, given).second;
}

std::string GivenPaths::Of(const std::string& sent) const {
  const auto found = given_.find(sent);
  return found == given_.end() ? sent : found->second;
}

std::string GivenPaths::In(std::string_view text) const {
  std::string rewritten;
  for (size_t at = 0; at < text.size();) {
    size_t taken = 0;
    // Paths may hold blanks: every ".y" (of .yaml or .yml) may be in the end of one.
    const bool starts = at == 0 || EndsWord(text[at - 1]);
    for (size_t dot = starts ? text.find(".y", at) : std::string_view::npos;
         dot != std::string_view::npos && taken == 0; dot = text.find(".y", dot + 1)) {
      for (const size_t length : {dot + 5 - at, dot + 4 - at}) {
        const auto found = given_.find(text.substr(at, length));
        if (taken > 0 || found == given_.end()) continue;
        rewritten += found->second;
        taken = found->first.size();
      }
    }
    if (taken == 0) rewritten.push_back(text[at]);
    at += std::max<size_t>(taken, 1);
  }
  return rewritten;
}

absl::Status GivenPaths::In(const absl::Status& error) const {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return error;
  status::ErrorBuilder rewritten(error.code(), details->reason, In(std::string(error.message())));
  for (const auto& [key, value] : details->metadata) rewritten.Metadata(key, In(value));
  for (const auto& violation : details->violations) {
    rewritten.Field(In(violation.field), In(violation.description));
  }
  if (details->retry_after.has_value()) rewritten.RetryAfter(*details->retry_after);
  return rewritten.Build();
}

void GivenPaths::Rewrite(registry::v1::ImportOutcome& outcome) const {
  outcome.set_path(Of(outcome.path()));
}

void GivenPaths::Rewrite(registry::v1::DefinitionReport& report) const {
  report.set_path(Of(report.path()));
  for (auto& finding : *report.mutable_findings()) finding.set_message(In(finding.message()));
}

}  // namespace metricstore::cli
