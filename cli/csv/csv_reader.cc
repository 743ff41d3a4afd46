#include "cli/csv/csv_reader.h"

#include <algorithm>
#include <new>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/columns/utf8.h"

namespace metricstore::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// A record is at most a message long; a quote left open would otherwise swallow the whole file.
constexpr size_t kMaxRecordBytes = 1 << 20;

bool LooksLikeUtf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

}  // namespace

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.starts_with(kByteOrderMark)) offset_ = kByteOrderMark.size();
  if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
}

CsvReader::~CsvReader() { csv_free(&parser_); }

absl::StatusOr<bool> CsvReader::Next(CsvRecord* record) {
  if (offset_ == 0 && LooksLikeUtf16(text_)) {
    return WithHint(Failure("the file is UTF-16"), "save it as UTF-8 (iconv -f utf-16 -t utf-8)");
  }
  values_.clear();
  field_ends_.clear();
  fault_.clear();
  complete_ = false;
  record_bytes_ = 0;
  while (!complete_) {
    if (offset_ >= text_.size()) {
      if (record_bytes_ == 0) return false;
      return Unclosed();
    }
    Feed(TakeLine());
    if (record_bytes_ > kMaxRecordBytes) return Unclosed();
  }
  Fill(record);
  return true;
}

// The next line with its end: "\n", "\r\n" or "\r".
std::string_view CsvReader::TakeLine() {
  const size_t start = offset_;
  size_t end = start;
  while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r') ++end;
  const bool pair = text_.substr(end).starts_with("\r\n");
  offset_ = std::min(text_.size(), end + (pair ? 2 : 1));
  ++line_;
  return text_.substr(start, offset_ - start);
}

void CsvReader::Feed(std::string_view line) {
  if (record_bytes_ == 0) record_line_ = line_;
  if (!columns::IsStorableText(line)) fault_ = "is not valid UTF-8 text";
  const size_t parsed = csv_parse(&parser_, line.data(), line.size(), &OnField, &OnRecord, this);
  const bool last_line = offset_ >= text_.size();
  bool failed = parsed != line.size();
  const bool open = !failed && !complete_ && parser_.quoted != 0;
  if (!failed && !complete_ && last_line) {
    // The last line may lack its end; a quote left open there is told apart by Next.
    failed = csv_fini(&parser_, &OnField, &OnRecord, this) != 0;
    if (failed) record_bytes_ += line.size();
    if (failed && open) return;
  }
  if (failed) {
    ResetParser();
    fault_ = "has a quote in the wrong place; a field with quotes is quoted and doubles them";
    complete_ = true;
    return;
  }
  if (complete_ || open) record_bytes_ += line.size();
}

void CsvReader::ResetParser() {
  csv_free(&parser_);
  if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
}

void CsvReader::Fill(CsvRecord* record) {
  record->line = record_line_;
  record->fault = fault_;
  record->fields.clear();
  size_t start = 0;
  for (const size_t end : field_ends_) {
    record->fields.push_back(std::string_view(values_).substr(start, end - start));
    start = end;
  }
}

absl::Status CsvReader::Unclosed() const {
  return WithHint(
      Failure(Concat("line ", record_line_, ": a quoted field that starts here is never closed")),
      "close the quote; a quote inside a quoted field is written twice");
}

void CsvReader::OnField(void* data, size_t size, void* self) {
  auto* reader = static_cast<CsvReader*>(self);
  if (size > 0) reader->values_.append(static_cast<const char*>(data), size);
  reader->field_ends_.push_back(reader->values_.size());
}

void CsvReader::OnRecord(int /*end*/, void* self) {
  static_cast<CsvReader*>(self)->complete_ = true;
}

}  // namespace metricstore::cli
