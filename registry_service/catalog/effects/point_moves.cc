#include "registry_service/catalog/effects/point_moves.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/pg/copy.h"
#include "common/status/macros.h"
#include "registry_service/catalog/effects/effect_statements.h"

namespace metricstore::registry {
namespace {

// Of as many series chunks are held in memory at a time: a decade of days of them is some
// megabytes.
constexpr size_t kSeriesAtOnce = 256;

struct MovedSeries {
  int64_t id;
  Grain grain;
};

absl::StatusOr<std::vector<MovedSeries>> SelectSeries(pg::Transaction& transaction,
                                                      int32_t project_id,
                                                      const std::vector<VersionKey>& keys) {
  std::vector<std::string> metrics;
  std::vector<int32_t> versions, grains;
  for (const auto& [id, version, grain] : keys) {
    metrics.push_back(id);
    versions.push_back(version);
    grains.push_back(static_cast<int32_t>(grain));
  }
  pg::Params params;
  params.Add(project_id).AddArray(metrics).AddArray(versions).AddArray(grains);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectSeriesOfVersions, params));
  std::vector<MovedSeries> series;
  for (const pg::Row row : rows) {
    series.push_back({row.Int64(0), static_cast<Grain>(row.Int32(1))});
  }
  return series;
}

using ChunksOfSeries = std::map<int64_t, StoredChunks>;

absl::StatusOr<ChunksOfSeries> ReadChunks(pg::Transaction& transaction, int32_t project_id,
                                          const std::vector<int64_t>& ids) {
  const std::string query = absl::StrCat(
      "SELECT series_id, span_start, bucket_starts, \"values\", statuses, texts, read_watermark "
      "FROM metric_chunk WHERE project_id = ",
      project_id, " AND series_id = ANY ('{", absl::StrJoin(ids, ","), "}'::bigint[])");
  ASSIGN_OR_RETURN(const auto reader, transaction.CopyOut("read_moved_chunks", query));
  ChunksOfSeries stored;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader->NextRow());
    if (!more) return stored;
    StoredChunk& chunk = stored[reader->Int64(0)][FromEpochDays(reader->DateDays(1))];
    RETURN_IF_ERROR(reader->TimeMicrosArray(2, chunk.bucket_starts));
    RETURN_IF_ERROR(reader->Float64Array(3, chunk.values));
    if (!reader->IsNull(4)) RETURN_IF_ERROR(reader->Int16Array(4, chunk.statuses));
    if (!reader->IsNull(5)) RETURN_IF_ERROR(reader->TextArray(5, chunk.texts));
    if (!reader->IsNull(6)) chunk.watermark = reader->Int64(6);
  }
}

void PutChunk(pg::CopyWriter& writer, int32_t project_id, int64_t series_id, absl::CivilDay span,
              const StoredChunk& chunk) {
  writer.StartRow(8);
  writer.PutInt32(project_id);
  writer.PutInt64(series_id);
  writer.PutDateDays(ToEpochDays(span));
  writer.PutTimeMicrosArray(chunk.bucket_starts);
  writer.PutFloat64Array(chunk.values);
  chunk.statuses.empty() ? writer.PutNull() : writer.PutInt16Array(chunk.statuses);
  chunk.texts.empty() ? writer.PutNull() : writer.PutTextArray(chunk.texts);
  chunk.watermark.has_value() ? writer.PutInt64(*chunk.watermark) : writer.PutNull();
}

absl::Status MoveSeries(pg::Transaction& transaction, int32_t project_id,
                        std::span<const MovedSeries> series, const std::vector<DateShift>& shifts) {
  std::vector<int64_t> ids;
  for (const MovedSeries& one : series) ids.push_back(one.id);
  ASSIGN_OR_RETURN(const ChunksOfSeries stored, ReadChunks(transaction, project_id, ids));
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids);
  RETURN_IF_ERROR(transaction.Execute(kDeleteChunksOfSeries, params).status());
  ASSIGN_OR_RETURN(
      const auto writer,
      transaction.CopyIn("write_moved_chunks",
                         "metric_chunk (project_id, series_id, span_start, bucket_starts, "
                         "\"values\", statuses, texts, read_watermark)"));
  for (const MovedSeries& one : series) {
    const auto found = stored.find(one.id);
    if (found == stored.end()) continue;
    for (const auto& [span, chunk] : MovedChunks(one.grain, found->second, shifts)) {
      PutChunk(*writer, project_id, one.id, span, chunk);
      RETURN_IF_ERROR(writer->FlushIfLarge());
    }
  }
  return writer->Finish().status();
}

}  // namespace

PointMove FindMove(const StoredResults& results, const Cause& cause, SourceFinder& sources) {
  const auto& [before, after, datasets] = cause.ground;
  if (before == after) return {};
  PointMove move;
  std::optional<TimeRange> starts;
  for (const auto& [key, stored] : results.versions) {
    if (std::get<Grain>(key) == Grain::kHour || !stored.buckets.has_value()) continue;
    if (!datasets.contains(sources.Of(stored.definition).home)) continue;
    move.versions.push_back(key);
    if (!starts.has_value()) starts = stored.buckets;
    starts = TimeRange{std::min(starts->start, stored.buckets->start),
                       std::max(starts->end, stored.buckets->end)};
  }
  if (!starts.has_value()) return {};
  move.shifts =
      ShiftsOf(*before, *after, {before->DateAt(starts->start), before->DateAt(starts->end) + 1});
  if (move.shifts.empty()) move.versions.clear();
  return move;
}

absl::Status MovePoints(pg::Transaction& transaction, int32_t project_id, const PointMove& move) {
  if (move.versions.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<MovedSeries> series,
                   SelectSeries(transaction, project_id, move.versions));
  for (size_t first = 0; first < series.size(); first += kSeriesAtOnce) {
    const size_t count = std::min(kSeriesAtOnce, series.size() - first);
    RETURN_IF_ERROR(
        MoveSeries(transaction, project_id, std::span(series).subspan(first, count), move.shifts));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
