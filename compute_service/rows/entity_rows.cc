#include "compute_service/rows/entity_rows.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

template <typename Value>
void AppendValues(const std::vector<Value>& from, size_t begin, size_t end,
                  std::vector<Value>* to) {
  to->insert(to->end(), from.begin() + static_cast<std::ptrdiff_t>(begin),
             from.begin() + static_cast<std::ptrdiff_t>(end));
}

columns::Validity SliceOf(const columns::Validity& validity, size_t begin, size_t end) {
  columns::Validity slice;
  if (validity.all_valid()) return slice;
  for (size_t row = begin; row < end; ++row) {
    if (!validity.valid(row)) slice.SetNull(row - begin, end - begin);
  }
  return slice;
}

}  // namespace

// The columns of one entity, grown run by run.
class EntityRows::Gathered {
 public:
  explicit Gathered(const columns::ColumnBatch& like) : dictionaries_(like.columns.size()) {
    for (const columns::Column& column : like.columns) {
      rows_.columns.push_back({.name = column.name, .type = column.type});
    }
  }

  absl::Status Append(const columns::ColumnBatch& batch, size_t begin, size_t end) {
    if (batch.columns.size() != rows_.columns.size()) {
      return status::InternalError("the batches of a window have different columns");
    }
    for (size_t i = 0; i < batch.columns.size(); ++i) {
      const columns::Column& from = batch.columns[i];
      columns::Column& to = rows_.columns[i];
      if (from.name != to.name || from.type != to.type) {
        return status::InternalError("the batches of a window have different columns");
      }
      AppendColumn(from, begin, end, &dictionaries_[i], &to);
    }
    rows_.rows += end - begin;
    return absl::OkStatus();
  }

  columns::ColumnBatch Take() {
    for (size_t i = 0; i < rows_.columns.size(); ++i) {
      if (rows_.columns[i].type == columns::ColumnType::kText) {
        rows_.columns[i].dictionary = dictionaries_[i].Take();
      }
    }
    return std::move(rows_);
  }

 private:
  void AppendColumn(const columns::Column& from, size_t begin, size_t end,
                    columns::DictionaryBuilder* dictionary, columns::Column* to) {
    to->validity.Append(SliceOf(from.validity, begin, end), rows_.rows, end - begin);
    switch (from.type) {
      case columns::ColumnType::kFloat64:
        return AppendValues(from.float64, begin, end, &to->float64);
      case columns::ColumnType::kInt64:
      case columns::ColumnType::kTimestamp:
        return AppendValues(from.int64, begin, end, &to->int64);
      case columns::ColumnType::kBool:
        return AppendValues(from.boolean, begin, end, &to->boolean);
      case columns::ColumnType::kDate:
        return AppendValues(from.date, begin, end, &to->date);
      case columns::ColumnType::kText:
        return AppendText(from, begin, end, dictionary, to);
    }
  }

  // Each batch has a dictionary of its own: codes are translated, each distinct one once where the
  // run is long enough to pay for the table.
  static void AppendText(const columns::Column& from, size_t begin, size_t end,
                         columns::DictionaryBuilder* dictionary, columns::Column* to) {
    constexpr uint32_t kUnseen = std::numeric_limits<uint32_t>::max();
    const bool by_table = end - begin >= from.dictionary.size();
    std::vector<uint32_t> code_of(by_table ? from.dictionary.size() : 0, kUnseen);
    for (size_t row = begin; row < end; ++row) {
      if (!from.validity.valid(row)) {
        to->codes.push_back(0);
      } else if (!by_table) {
        to->codes.push_back(dictionary->CodeOf(from.text(row)));
      } else {
        uint32_t& code = code_of[from.codes[row]];
        if (code == kUnseen) code = dictionary->CodeOf(from.text(row));
        to->codes.push_back(code);
      }
    }
  }

  columns::ColumnBatch rows_;
  std::vector<columns::DictionaryBuilder> dictionaries_;  // used for text columns
};

EntityRows::EntityRows(std::string entity_column, Sink sink)
    : entity_column_(std::move(entity_column)), sink_(std::move(sink)) {}

EntityRows::~EntityRows() = default;

absl::Status EntityRows::Add(const columns::ColumnBatch& batch) {
  rows_added_ += static_cast<int64_t>(batch.rows);
  if (batch.rows == 0) return absl::OkStatus();
  if (entity_column_.empty()) return AddRun("", batch, 0, batch.rows);
  const columns::Column* entities = batch.Find(entity_column_);
  if (entities == nullptr || entities->type != columns::ColumnType::kText) {
    return status::InternalError(absl::StrCat("the window lacks its column ", entity_column_));
  }
  for (size_t begin = 0; begin < batch.rows;) {
    size_t end = begin + 1;
    while (end < batch.rows && entities->codes[end] == entities->codes[begin]) ++end;
    RETURN_IF_ERROR(AddRun(entities->text(begin), batch, begin, end));
    begin = end;
  }
  return absl::OkStatus();
}

absl::Status EntityRows::AddRun(std::string_view entity, const columns::ColumnBatch& batch,
                                size_t begin, size_t end) {
  if (entity_ && *entity_ != entity) {
    if (entity < *entity_) return status::InternalError("the window is not ordered by entity");
    RETURN_IF_ERROR(HandOut());
  }
  if (gathered_ == nullptr) {
    entity_ = entity;
    gathered_ = std::make_unique<Gathered>(batch);
  }
  return gathered_->Append(batch, begin, end);
}

absl::Status EntityRows::HandOut() {
  columns::ColumnBatch rows = gathered_->Take();
  gathered_.reset();
  return sink_(*entity_, std::move(rows));
}

absl::Status EntityRows::Finish() { return gathered_ == nullptr ? absl::OkStatus() : HandOut(); }

}  // namespace metricstore::compute
