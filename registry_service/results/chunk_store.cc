#include "registry_service/results/chunk_store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/pg/copy.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/results/result_statements.h"

namespace metricstore::registry {
namespace {

// The stored chunks of a series, and the snapshots that they were made of where that is known.
struct StoredSeries {
  Chunks chunks;
  std::map<absl::CivilDay, int64_t> watermarks;
};
using ChunksBySeries = std::unordered_map<int64_t, StoredSeries>;

struct Change {
  int64_t series_id;
  ChunkChanges chunks;
};

enum class Wanted { kAll, kWithPoints };

pg::Params SeriesParams(int32_t project_id, const ShardResults& results, Wanted wanted) {
  std::vector<std::string> metrics;
  std::vector<int32_t> versions;
  std::vector<int32_t> grains;
  std::vector<std::string> entities;
  for (const auto& [key, points] : results) {
    if (wanted == Wanted::kWithPoints && points.empty()) continue;
    metrics.push_back(key.metric.id);
    versions.push_back(key.metric.version);
    grains.push_back(static_cast<int32_t>(key.metric.grain));
    entities.push_back(key.entity);
  }
  pg::Params params;
  params.Add(project_id);
  params.AddArray(std::span<const std::string>(metrics));
  params.AddArray(std::span<const int32_t>(versions));
  params.AddArray(std::span<const int32_t>(grains));
  params.AddArray(std::span<const std::string>(entities));
  return params;
}

// Days [first, last] on which chunks with points of the extent start.
DateRange ChunkStarts(const ShardResults& results, const TimeRange& extent) {
  const int64_t last = ToMicros(extent.end) - 1;
  DateRange starts{absl::CivilDay::max(), absl::CivilDay::min()};
  for (const auto& [key, points] : results) {
    const Grain grain = key.metric.grain;
    starts.start = std::min(starts.start, ChunkStartOf(grain, ToMicros(extent.start)));
    starts.end = std::max(starts.end, ChunkStartOf(grain, last));
  }
  return starts;
}

absl::StatusOr<ChunksBySeries> ReadChunks(pg::Transaction& transaction, int32_t project_id,
                                          const SeriesIds& series_ids, const DateRange& starts) {
  std::vector<int64_t> stored_ids;
  for (const std::optional<int64_t>& id : series_ids) {
    if (id.has_value()) stored_ids.push_back(*id);
  }
  const std::string query = absl::StrCat(
      "SELECT series_id, span_start, bucket_starts, \"values\", statuses,", " texts,",
      // A watermark beyond all transactions is of the cluster that this one was restored from.
      " CASE WHEN read_watermark <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
      " THEN read_watermark END FROM metric_chunk", " WHERE project_id = ", project_id,
      " AND series_id = ANY ('{", absl::StrJoin(stored_ids, ","),
      "}'::bigint[]) AND span_start BETWEEN '", FormatDate(starts.start), "' AND '",
      FormatDate(starts.end), "'");
  ASSIGN_OR_RETURN(const auto reader, transaction.CopyOut("read_chunks", query));
  ChunksBySeries stored;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader->NextRow());
    if (!more) return stored;
    StoredSeries& series = stored[reader->Int64(0)];
    const absl::CivilDay start = FromEpochDays(reader->DateDays(1));
    Points& points = series.chunks[start];
    if (!reader->IsNull(6)) series.watermarks[start] = reader->Int64(6);
    RETURN_IF_ERROR(reader->TimeMicrosArray(2, points.bucket_starts));
    RETURN_IF_ERROR(reader->Float64Array(3, points.values));
    if (!reader->IsNull(4)) RETURN_IF_ERROR(reader->Int16Array(4, points.statuses));
    if (!reader->IsNull(5)) RETURN_IF_ERROR(reader->TextArray(5, points.texts));
  }
}

absl::Status DeleteChunks(pg::Transaction& transaction, int32_t project_id,
                          const std::vector<Change>& changes) {
  std::vector<int64_t> ids;
  std::vector<absl::CivilDay> starts;
  for (const Change& change : changes) {
    for (const absl::CivilDay start : change.chunks.removed) {
      ids.push_back(change.series_id);
      starts.push_back(start);
    }
  }
  if (ids.empty()) return absl::OkStatus();
  pg::Params params;
  params.Add(project_id).AddArray(std::span<const int64_t>(ids));
  params.AddArray(std::span<const absl::CivilDay>(starts));
  return transaction.Execute(kDeleteChunks, params).status();
}

// Whether a chunk that would go was made of a later snapshot than what is to replace it.
bool IsOutdated(const ChunkChanges& changes, const StoredSeries& stored, int64_t watermark) {
  return std::any_of(changes.removed.begin(), changes.removed.end(), [&](absl::CivilDay start) {
    const auto found = stored.watermarks.find(start);
    return found != stored.watermarks.end() && found->second > watermark;
  });
}

void PutChunk(pg::CopyWriter& writer, const Replacement& replacement, int64_t series_id,
              absl::CivilDay start, const Points& points) {
  writer.StartRow(8);
  writer.PutInt32(replacement.project_id);
  writer.PutInt64(series_id);
  writer.PutDateDays(ToEpochDays(start));
  writer.PutTimeMicrosArray(points.bucket_starts);
  writer.PutFloat64Array(points.values);
  if (points.statuses.empty()) {
    writer.PutNull();
  } else {
    writer.PutInt16Array(points.statuses);
  }
  if (points.texts.empty()) {
    writer.PutNull();
  } else {
    writer.PutTextArray(points.texts);
  }
  writer.PutInt64(replacement.watermark);
}

absl::StatusOr<int64_t> WriteChunks(pg::Transaction& transaction, const Replacement& replacement,
                                    const std::vector<Change>& changes) {
  ASSIGN_OR_RETURN(
      const auto writer,
      transaction.CopyIn("write_chunks",
                         "metric_chunk (project_id, series_id, span_start, "
                         "bucket_starts, \"values\", statuses, texts, read_watermark)"));
  for (const Change& change : changes) {
    for (const auto& [start, points] : change.chunks.written) {
      PutChunk(*writer, replacement, change.series_id, start, points);
      RETURN_IF_ERROR(writer->FlushIfLarge());
    }
  }
  return writer->Finish();
}

}  // namespace

absl::StatusOr<SeriesIds> LockSeries(pg::Transaction& transaction, int32_t project_id,
                                     const ShardResults& results) {
  RETURN_IF_ERROR(
      transaction.Execute(kInsertSeries, SeriesParams(project_id, results, Wanted::kWithPoints))
          .status());
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      transaction.Execute(kLockSeries, SeriesParams(project_id, results, Wanted::kAll)));
  SeriesIds ids(results.size());
  for (const pg::Row row : rows) ids[static_cast<size_t>(row.Int64(0)) - 1] = row.Int64(1);
  size_t place = 0;
  for (const auto& [key, points] : results) {
    if (!ids[place++].has_value() && !points.empty()) {
      return status::InternalError("series vanished while they were locked");
    }
  }
  return ids;
}

absl::StatusOr<ReplaceOutcome> ReplacePoints(pg::Transaction& transaction,
                                             const Replacement& replacement,
                                             const SeriesIds& series_ids,
                                             const ShardResults& results) {
  if (results.empty()) return ReplaceOutcome{};
  const TimeRange& extent = replacement.extent;
  ASSIGN_OR_RETURN(ChunksBySeries stored, ReadChunks(transaction, replacement.project_id,
                                                     series_ids, ChunkStarts(results, extent)));
  std::vector<Change> changes;
  size_t place = 0;
  for (const auto& [key, points] : results) {
    const std::optional<int64_t> id = series_ids[place++];
    if (!id.has_value()) continue;  // nothing is stored, nothing came
    const StoredSeries& series = stored[*id];
    ChunkChanges change = Splice(key.metric.grain, series.chunks, extent, points);
    if (IsOutdated(change, series, replacement.watermark)) return ReplaceOutcome{.outdated = true};
    if (change.removed.empty() && change.written.empty()) continue;
    changes.push_back({*id, std::move(change)});
  }
  if (changes.empty()) return ReplaceOutcome{};
  // A changed chunk is deleted and written anew: the arrays are new either way, and one COPY stores
  // new and changed ones alike.
  RETURN_IF_ERROR(DeleteChunks(transaction, replacement.project_id, changes));
  ASSIGN_OR_RETURN(const int64_t written, WriteChunks(transaction, replacement, changes));
  return ReplaceOutcome{.chunks_written = written};
}

}  // namespace metricstore::registry
