#include "registry_service/windows/window_reader.h"

#include <utility>

#include "common/pg/copy.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/windows/batch_builder.h"
#include "registry_service/windows/window_sql.h"

namespace metricstore::registry {
namespace {

absl::Status ReadRows(pg::Transaction& transaction, const std::string& select,
                      BatchBuilder& builder, WindowSink sink) {
  ASSIGN_OR_RETURN(const auto reader, transaction.CopyOut("read_window", select));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader->NextRow());
    if (!more) return absl::OkStatus();
    if (!builder.Fits(*reader)) RETURN_IF_ERROR(sink(builder.Take()));
    builder.Add(*reader);
  }
}

}  // namespace

absl::Status WindowReader::Read(int32_t project_id, const Dataset& dataset,
                                const WindowQuery& query, const CallBounds& bounds,
                                WindowSink sink) {
  RETURN_IF_ERROR(CheckWindowQuery(dataset, query));
  ASSIGN_OR_RETURN(const auto columns, WindowColumns(dataset, query));
  bool sent = false;
  const auto send = [&](columns::ColumnBatch batch) {
    sent = true;
    return sink(std::move(batch));
  };
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    if (sent) {
      // Run again after a conflict on a standby: what was sent is of another snapshot.
      return status::ErrorBuilder(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                                  "the snapshot was lost while the window was read")
          .Build();
    }
    BatchBuilder builder(columns);
    for (const std::string& select : WindowSelects(project_id, dataset, query, columns)) {
      RETURN_IF_ERROR(ReadRows(transaction, select, builder, send));
    }
    return builder.empty() ? absl::OkStatus() : send(builder.Take());
  };
  return pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, body);
}

}  // namespace metricstore::registry
