#include "cli/csv/batch_builder.h"

#include <openssl/evp.h>

#include <initializer_list>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/columns/column_batch.h"
#include "common/columns/proto_conversion.h"

namespace metricstore::cli {
namespace {

using columns::ColumnType;

constexpr size_t kIdBytes = 16;

// SHA-256 of texts, each closed by a zero that keeps ("a", "bc") and ("ab", "c") apart.
std::string Sha256(std::initializer_list<std::string_view> texts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  bool ok = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const std::string_view text : texts) {
    ok = ok && EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
         EVP_DigestUpdate(context.get(), "", 1) == 1;
  }
  ok = ok && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                                &size) == 1;
  // Only a lack of memory gets here: ids that are not of the content would lose rows.
  if (!ok) throw std::bad_alloc();
  digest.resize(size);
  return digest;
}

}  // namespace

struct BatchBuilder::ColumnInProgress {
  columns::Column column;
  columns::DictionaryBuilder dictionary;
  std::vector<size_t> nulls;
  uint32_t entries = 0;  // of the dictionary
};

BatchBuilder::BatchBuilder(std::string dataset, std::vector<DatasetShape::ColumnShape> columns,
                           std::string run)
    : dataset_(std::move(dataset)), run_(std::move(run)), shapes_(std::move(columns)) {
  for (const auto& shape : shapes_) {
    columns_.push_back(std::make_unique<ColumnInProgress>());
    columns_.back()->column.name = shape.name;
    columns_.back()->column.type = shape.type;
    row_bytes_ += columns::ValueBytes(shape.type);
  }
}

BatchBuilder::BatchBuilder(BatchBuilder&&) noexcept = default;
BatchBuilder::~BatchBuilder() = default;

bool BatchBuilder::Fits(const std::vector<Cell>& cells) const {
  if (empty()) return true;
  const size_t rows = lines_.size() + 1;
  if (rows > kMaxBatchRows) return false;
  size_t bytes = rows * row_bytes_ + columns_.size() * (rows / 8 + columns::kColumnOverheadBytes);
  bytes += text_bytes_;
  for (const Cell& cell : cells) bytes += cell.text.size() + columns::kEntryOverheadBytes;
  return bytes <= kTargetBatchBytes;
}

void BatchBuilder::Add(const std::vector<Cell>& cells, int64_t line) {
  for (size_t i = 0; i < cells.size(); ++i) AddCell(*columns_[i], cells[i]);
  lines_.push_back(line);
}

void BatchBuilder::AddCell(ColumnInProgress& target, const Cell& cell) {
  if (cell.null) target.nulls.push_back(lines_.size());
  switch (target.column.type) {
    case ColumnType::kFloat64:
      return target.column.float64.push_back(cell.float64);
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return target.column.int64.push_back(cell.int64);
    case ColumnType::kBool:
      return target.column.boolean.push_back(cell.boolean);
    case ColumnType::kDate:
      return target.column.date.push_back(cell.date);
    case ColumnType::kText: {
      const uint32_t code = target.dictionary.CodeOf(cell.text);
      if (code == target.entries) {
        ++target.entries;
        text_bytes_ += cell.text.size() + columns::kEntryOverheadBytes;
      }
      return target.column.codes.push_back(code);
    }
  }
}

columns::Column BatchBuilder::TakeColumn(ColumnInProgress& source) const {
  columns::Column column = std::move(source.column);
  source.column = columns::Column{.name = column.name, .type = column.type};
  if (column.type == ColumnType::kText) column.dictionary = source.dictionary.Take();
  for (const size_t row : source.nulls) column.validity.SetNull(row, lines_.size());
  source.nulls.clear();
  source.entries = 0;
  return column;
}

PreparedBatch BatchBuilder::Take() {
  columns::ColumnBatch rows;
  rows.rows = lines_.size();
  for (const auto& column : columns_) rows.columns.push_back(TakeColumn(*column));
  PreparedBatch batch;
  batch.lines = std::exchange(lines_, {});
  text_bytes_ = 0;
  auto* message = batch.message.mutable_batch();
  columns::ToProto(rows, message->mutable_rows());
  const std::string digest = Sha256({dataset_, run_, message->rows().SerializeAsString()});
  message->set_batch_id(absl::BytesToHexString(digest.substr(0, kIdBytes)));
  return batch;
}

}  // namespace metricstore::cli
