#include "cli/data/ingest_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/output/concat.h"
#include "cli/output/number_text.h"

namespace metricstore::cli {

void IngestReport::Add(const PreparedBatch& batch, const registry::v1::BatchResult& result) {
  ++batches;
  if (result.already_stored()) {
    ++batches_already_stored;
    rows_already_stored += static_cast<int64_t>(batch.rows()) - result.rejected_rows();
    rejected += result.rejected_rows();
    return;
  }
  inserted += result.inserted_rows();
  updated += result.updated_rows();
  unchanged += result.unchanged_rows();
  rejected += result.rejected_rows();
  for (const auto& reject : result.rejects()) {
    if (registry_rejects.size() >= kListedRejects || reject.row() >= batch.rows()) break;
    registry_rejects.push_back({batch.lines[reject.row()], reject.column(), reject.description()});
  }
}

double IngestReport::rows_per_second() const {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  return seconds > 0 ? static_cast<double>(rows_read) / seconds : 0;
}

std::string IngestReport::Text() const {
  std::string text =
      Concat(dataset, ": ", FormatCountOf(rows_read, "row"), " read: ", FormatCount(inserted),
             " inserted, ", FormatCount(updated), " updated, ", FormatCount(unchanged),
             " unchanged, ", FormatCount(rejected), " rejected");
  if (batches_already_stored > 0) {
    text += Concat(", ", FormatCount(rows_already_stored), " already stored in ",
                   FormatCountOf(batches_already_stored, "batch"));
  }
  return Concat(text, "; ", FormatElapsed(elapsed), ", ", FormatRate(rows_per_second(), "rows"));
}

std::string IngestReport::Json() const {
  nlohmann::ordered_json json;
  json["dataset"] = dataset;
  json["rows_read"] = rows_read;
  json["rows_inserted"] = inserted;
  json["rows_updated"] = updated;
  json["rows_unchanged"] = unchanged;
  json["rows_rejected"] = rejected;
  json["rows_already_stored"] = rows_already_stored;
  json["batches"] = batches;
  json["batches_already_stored"] = batches_already_stored;
  json["seconds"] = absl::ToDoubleSeconds(elapsed);
  json["rows_per_second"] = rows_per_second();
  return json.dump(2);
}

}  // namespace metricstore::cli
