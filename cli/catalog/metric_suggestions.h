// What people most likely meant where the catalogue has nothing of that name.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/core/invocation.h"

namespace metricstore::cli {

// `error` of a call that was to find the metric `name`. Where it says that a bare name is not there
// and deleted metrics have it: that they are deleted, and how they come back.
absl::Status ExplainMissing(Invocation& invocation, const std::string& name,
                            const absl::Status& error);

// Ids of the deleted metrics of that bare name, sorted; none if they cannot be had.
std::vector<std::string> DeletedIds(Invocation& invocation, const std::string& name);

// Notes on stderr that no metric is in `category`, with the nearest category. Nothing if it exists.
void NoteUnknownCategory(Invocation& invocation, const std::string& category);

// Notes on stderr which names are nearest to a search that found nothing.
void NoteNearestNames(Invocation& invocation, const std::string& query);

// `text` as a string of a filter.
std::string FilterString(const std::string& text);

}  // namespace metricstore::cli
