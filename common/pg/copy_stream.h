// COPY streams on the connection of a transaction. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "common/pg/copy.h"
#include "common/pg/wire.h"

namespace metricstore::pg {

class PgTransaction;

// Fields point into the message that libpq received: rows are not copied.
class CopyOutStream final : public CopyReader {
 public:
  CopyOutStream(PgTransaction* transaction, std::string name);
  // Before the end: cancels the COPY and reads it dry, so that the transaction can go on.
  ~CopyOutStream() override;
  absl::StatusOr<bool> NextRow() override;

 private:
  absl::StatusOr<bool> End();
  bool SplitRow();

  PgTransaction* transaction_;
  std::string name_;
  CopyMessage message_;
  std::string_view rest_;  // of message_
  bool started_ = false;   // the file header was read
  bool ended_ = false;
};

// Sends in pieces of kFlushBytes.
class CopyInStream final : public CopyWriter {
 public:
  CopyInStream(PgTransaction* transaction, std::string name);
  // Before Finish: makes the server refuse the rows, which fails the transaction.
  ~CopyInStream() override;
  absl::Status FlushIfLarge() override;
  absl::StatusOr<int64_t> Finish() override;

 private:
  absl::Status Send();

  PgTransaction* transaction_;
  std::string name_;
  bool ended_ = false;
};

}  // namespace metricstore::pg
