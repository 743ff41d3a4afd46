#include "registry_service/query/trend_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/pg/copy.h"
#include "common/pg/statement.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/query/trend_page_builder.h"
#include "registry_service/query/trend_statements.h"

namespace metricstore::registry {
namespace {

// Chunks are read in rounds: enough for most pages, few for a short one.
constexpr size_t kMinRoundChunks = 64;
constexpr size_t kMaxRoundChunks = 2'048;

// Where a round of chunks starts: behind the last chunk of the round before.
struct ChunkPosition {
  std::string entity;
  int64_t series_id = 0;
  absl::CivilDay span_start;
  bool inclusive = false;  // the first round of a page continues inside a chunk
};

std::string Day(absl::CivilDay day) { return pg::QuoteLiteral(FormatDate(day)) + "::date"; }

// First days of the chunks that may hold a bucket of the range: a decade before it at the earliest.
absl::CivilDay EarliestSpan(Grain grain, absl::Time start) {
  const absl::CivilDay day = absl::ToCivilDay(start, absl::UTCTimeZone());
  if (grain == Grain::kHour || grain == Grain::kDay) return absl::CivilDay(day.year(), day.month());
  return absl::CivilDay(day.year() - day.year() % 10);
}

std::string ChunkSelect(int32_t project_id, const TrendQuery& query,
                        const std::optional<ChunkPosition>& after, size_t limit) {
  std::string sql = absl::StrCat(
      "SELECT s.entity, s.series_id, s.dimensions::text, c.span_start, c.bucket_starts, "
      "c.\"values\", c.statuses, c.texts FROM metric_series s JOIN metric_chunk c USING "
      "(project_id, "
      "series_id) WHERE s.project_id = ",
      project_id, " AND s.metric_id = ", pg::QuoteLiteral(query.metric_id),
      " AND s.version = ", query.version, " AND s.grain = ", static_cast<int>(query.grain),
      " AND c.span_start >= ", Day(EarliestSpan(query.grain, query.range.start)),
      " AND c.span_start <= ", Day(absl::ToCivilDay(query.range.end, absl::UTCTimeZone())));
  if (!query.entities.empty()) {
    absl::StrAppend(&sql, " AND s.entity = ANY (ARRAY[",
                    absl::StrJoin(query.entities, ", ",
                                  [](std::string* out, const std::string& entity) {
                                    absl::StrAppend(out, pg::QuoteLiteral(entity));
                                  }),
                    "])");
  }
  if (after.has_value()) {
    absl::StrAppend(&sql, " AND (s.entity COLLATE \"C\", s.series_id, c.span_start) ",
                    after->inclusive ? ">=" : ">", " (", pg::QuoteLiteral(after->entity), ", ",
                    after->series_id, ", ", Day(after->span_start), ")");
  }
  absl::StrAppend(&sql, " ORDER BY s.entity COLLATE \"C\", s.series_id, c.span_start LIMIT ",
                  limit);
  return sql;
}

absl::StatusOr<TrendChunk> ReadChunk(const pg::CopyReader& reader) {
  TrendChunk chunk;
  chunk.entity = std::string(reader.Text(0));
  chunk.series_id = reader.Int64(1);
  chunk.dimensions = std::string(reader.Text(2));
  RETURN_IF_ERROR(reader.TimeMicrosArray(4, chunk.bucket_starts));
  RETURN_IF_ERROR(reader.Float64Array(5, chunk.values));
  if (!reader.IsNull(6)) RETURN_IF_ERROR(reader.Int16Array(6, chunk.statuses));
  if (!reader.IsNull(7)) RETURN_IF_ERROR(reader.TextArray(7, chunk.texts));
  return chunk;
}

// Reads up to `limit` chunks into the page. True if there may be more to read.
absl::StatusOr<bool> ReadRound(pg::CopyReader& reader, size_t limit,
                               std::optional<ChunkPosition>& after, TrendPageBuilder& page) {
  size_t chunks = 0;
  bool full = false;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.NextRow());
    if (!more) return !full && chunks == limit;
    ++chunks;
    if (full) continue;  // the rest of the round is drained: it is short
    ASSIGN_OR_RETURN(const TrendChunk chunk, ReadChunk(reader));
    full = !page.Add(chunk);
    after = {chunk.entity, chunk.series_id, FromEpochDays(reader.DateDays(3)), false};
  }
}

}  // namespace

absl::StatusOr<TrendPage> TrendReader::Read(int32_t project_id, const TrendQuery& query,
                                            const CallBounds& bounds) {
  TrendPage page;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    TrendPageBuilder builder(query);
    std::optional<ChunkPosition> after;
    if (query.after.has_value()) {
      after = {query.after->entity, query.after->series_id,
               EarliestSpan(query.grain, FromMicros(query.after->bucket_start)), true};
    }
    size_t limit = kMinRoundChunks;
    for (bool more = true; more; limit = std::min(2 * limit, kMaxRoundChunks)) {
      const std::string select = ChunkSelect(project_id, query, after, limit);
      ASSIGN_OR_RETURN(const auto reader, transaction.CopyOut("read_trend", select));
      ASSIGN_OR_RETURN(more, ReadRound(*reader, limit, after, builder));
    }
    page = builder.Take();
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, body));
  return page;
}

absl::Status TrendReader::CheckEntities(int32_t project_id, const std::string& dataset,
                                        const std::string& metric_id,
                                        const std::vector<std::string>& entities,
                                        const CallBounds& bounds) {
  std::optional<std::string> unknown;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    pg::Params params;
    params.Add(project_id).Add(dataset).Add(metric_id).AddArray(entities);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectUnknownEntity, params));
    unknown.reset();
    if (!rows.empty()) unknown = std::string(rows.Single().Text(0));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, body));
  if (!unknown.has_value()) return absl::OkStatus();
  return status::ErrorBuilder(
             absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND",
             absl::StrCat("nothing is stored of entity \"", *unknown, "\": no rows in ", dataset,
                          ", no points of ", metric_id))
      .Metadata("dataset", dataset)
      .Metadata("entity", *unknown)
      .Build();
}

}  // namespace metricstore::registry
