#include "registry_service/windows/window_reader.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/pg/copy.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/windows/batch_builder.h"
#include "registry_service/windows/window_sql.h"
#include "registry_service/windows/window_statements.h"

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

// Tells the sink's time from the rest. The clock is read twice a batch.
class Timing {
 public:
  explicit Timing(WindowReading& reading) : reading_(reading), mark_(absl::Now()) {}
  ~Timing() { AddTo(reading_.read); }
  Timing(const Timing&) = delete;
  Timing& operator=(const Timing&) = delete;

  absl::Status Send(WindowSink sink, columns::ColumnBatch batch) {
    AddTo(reading_.read);
    const absl::Status status = sink(std::move(batch));
    AddTo(reading_.send);
    return status;
  }

 private:
  void AddTo(absl::Duration& span) {
    const absl::Time now = absl::Now();
    span += std::max(now - mark_, absl::ZeroDuration());
    mark_ = now;
  }

  WindowReading& reading_;
  absl::Time mark_;
};

}  // namespace

absl::Status WindowReader::Read(int32_t project_id, const Dataset& dataset,
                                const WindowQuery& query, const CallBounds& bounds, WindowSink sink,
                                WindowReading& reading) {
  RETURN_IF_ERROR(CheckWindowQuery(dataset, query));
  ASSIGN_OR_RETURN(const auto columns, WindowColumns(dataset, query));
  bool sent = false;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    if (sent) {
      // Run again after a conflict on a standby: what was sent is of another snapshot.
      return status::ErrorBuilder(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                                  "the snapshot was lost while the window was read")
          .Build();
    }
    Timing timing(reading);
    ASSIGN_OR_RETURN(const pg::Result snapshot, transaction.Execute(kSelectReadWatermark));
    reading.watermark = snapshot.Single().Int64(0);
    const auto send = [&](columns::ColumnBatch batch) {
      sent = true;
      return timing.Send(sink, std::move(batch));
    };
    BatchBuilder builder(columns);
    for (const std::string& select : WindowSelects(project_id, dataset, query, columns)) {
      RETURN_IF_ERROR(ReadRows(transaction, select, builder, send));
    }
    return builder.empty() ? absl::OkStatus() : send(builder.Take());
  };
  return pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, body);
}

}  // namespace metricstore::registry
