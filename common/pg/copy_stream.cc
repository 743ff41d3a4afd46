#include "common/pg/copy_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/pg/big_endian.h"
#include "common/pg/transaction.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::pg {
namespace {

constexpr size_t kFlushBytes = 256 * 1024;

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
// Signature, flags, and the length of a header extension, of which there is none today.
constexpr size_t kHeaderBytes = kSignature.size() + 8;
constexpr int16_t kTrailer = -1;  // in place of a field count

}  // namespace

CopyOutStream::CopyOutStream(PgTransaction* transaction, std::string name)
    : transaction_(transaction), name_(std::move(name)) {}

CopyOutStream::~CopyOutStream() {
  if (!ended_) transaction_->AbandonCopyOut();
}

absl::StatusOr<bool> CopyOutStream::NextRow() {
  if (ended_) return false;
  if (rest_.empty()) {
    if (!message_.Receive(transaction_->raw())) return End();
    rest_ = message_.bytes();
    if (!started_) {
      if (!rest_.starts_with(kSignature) || rest_.size() < kHeaderBytes) {
        return transaction_->Fail(status::InternalError(absl::StrCat(name_, ": not binary COPY")));
      }
      const auto extension = LoadBigEndian<int32_t>(rest_.data() + kHeaderBytes - 4);
      rest_.remove_prefix(std::min(rest_.size(), kHeaderBytes + static_cast<size_t>(extension)));
      started_ = true;
      if (rest_.empty()) return NextRow();
    }
  }
  if (rest_.size() >= 2 && LoadBigEndian<int16_t>(rest_.data()) == kTrailer) {
    rest_ = {};
    return NextRow();  // receives the end of the stream
  }
  if (SplitRow()) return true;
  return transaction_->Fail(status::InternalError(absl::StrCat(name_, ": malformed COPY row")));
}

// PostgreSQL sends every row in one message, so a row never continues in the next.
bool CopyOutStream::SplitRow() {
  if (rest_.size() < 2) return false;
  const auto field_count = LoadBigEndian<int16_t>(rest_.data());
  rest_.remove_prefix(2);
  if (field_count < 0) return false;
  fields_.resize(field_count);
  for (std::string_view& field : fields_) {
    if (rest_.size() < 4) return false;
    const auto size = LoadBigEndian<int32_t>(rest_.data());
    rest_.remove_prefix(4);
    if (size == -1) {
      field = {};
      continue;
    }
    if (size < 0 || static_cast<size_t>(size) > rest_.size()) return false;
    field = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  return true;
}

absl::StatusOr<bool> CopyOutStream::End() {
  ended_ = true;
  fields_.clear();
  transaction_->EndStream();
  const CopyEnd end = FinishCopy(transaction_->raw());
  if (end.error.has_value()) return transaction_->Fail(*end.error, name_);
  return false;
}

CopyInStream::CopyInStream(PgTransaction* transaction, std::string name)
    : transaction_(transaction), name_(std::move(name)) {
  buffer_.append(kSignature);
  buffer_.append(8, '\0');
}

CopyInStream::~CopyInStream() {
  if (ended_) return;
  transaction_->EndStream();
  (void)EndCopyIn(transaction_->raw(), "the rows were withdrawn");
  const CopyEnd end = FinishCopy(transaction_->raw());
  if (end.error.has_value()) (void)transaction_->Fail(*end.error, name_);
}

absl::Status CopyInStream::Send() {
  if (const auto error = SendCopyData(transaction_->raw(), buffer_)) {
    return transaction_->Fail(*error, name_);
  }
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status CopyInStream::FlushIfLarge() {
  if (buffer_.size() < kFlushBytes) return absl::OkStatus();
  // The server cannot stop a client that keeps sending, so the bounds are checked on this side.
  RETURN_IF_ERROR(transaction_->CheckBounds());
  return Send();
}

absl::StatusOr<int64_t> CopyInStream::Finish() {
  RETURN_IF_ERROR(transaction_->CheckBounds());
  AppendBigEndian(buffer_, kTrailer);
  RETURN_IF_ERROR(Send());
  ended_ = true;
  transaction_->EndStream();
  const auto end_error = EndCopyIn(transaction_->raw(), nullptr);
  const CopyEnd end = FinishCopy(transaction_->raw());
  if (end.error.has_value()) return transaction_->Fail(*end.error, name_);
  if (end_error.has_value()) return transaction_->Fail(*end_error, name_);
  return end.rows;
}

}  // namespace metricstore::pg
