#include "registry_service/catalog/store/fixture_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/validation/metric_test_rules.h"
#include "registry_service/catalog/validation/unknown_name.h"

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;

// All of `text` as a number.
template <typename Number>
bool ParseNumber(std::string_view text, Number& value) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

std::string_view WantedForm(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
      return "a finite number";
    case ColumnType::kInt64:
      return "a whole number of 64 bits";
    case ColumnType::kBool:
      return "true or false";
    case ColumnType::kTimestamp:
      return "an instant with its offset, like 2024-03-04T10:00:00Z or 2024-03-04T10:00:00-05:00";
    case ColumnType::kDate:
      return "a date like 2024-03-04";
    case ColumnType::kText:
      break;
  }
  return "a text";
}

// One column on its way; rows are appended in the order of the file.
class ColumnReader {
 public:
  explicit ColumnReader(const DatasetColumn& declared) : declared_(declared) {}

  const DatasetColumn& declared() const { return declared_; }

  // False for a text that is no value of the column's type.
  bool Append(std::string_view text) {
    Value value;
    switch (declared_.type) {
      case ColumnType::kFloat64:
        if (!ParseNumber(text, value.real) || !std::isfinite(value.real)) return false;
        break;
      case ColumnType::kInt64:
        if (!ParseNumber(text, value.integer)) return false;
        break;
      case ColumnType::kBool:
        if (text != "true" && text != "false") return false;
        value.integer = text == "true" ? 1 : 0;
        break;
      case ColumnType::kText:
        value.text = text;
        break;
      case ColumnType::kTimestamp: {
        const auto instant = ParseInstant(text);
        if (!instant.has_value()) return false;
        value.integer = ToMicros(*instant);
        break;
      }
      case ColumnType::kDate: {
        const auto date = ParseDate("date", text);
        if (!date.ok()) return false;
        value.integer = ToEpochDays(*date);
        break;
      }
    }
    values_.emplace_back(value);
    return true;
  }
  void AppendNull() { values_.emplace_back(std::nullopt); }

  bool IsNull(size_t row) const { return !values_[row].has_value(); }
  std::string_view Text(size_t row) const { return values_[row]->text; }
  int64_t Integer(size_t row) const { return values_[row]->integer; }

  Column Take(const std::vector<size_t>& order) const {
    Column column;
    column.name = declared_.name;
    column.type = declared_.type;
    columns::DictionaryBuilder dictionary;
    for (size_t place = 0; place < order.size(); ++place) {
      const std::optional<Value>& value = values_[order[place]];
      AppendTo(column, value.value_or(Value()), dictionary);
      if (!value.has_value()) column.validity.SetNull(place, order.size());
    }
    if (declared_.type == ColumnType::kText) column.dictionary = dictionary.Take();
    return column;
  }

 private:
  // As the type says.
  struct Value {
    double real = 0;
    int64_t integer = 0;
    std::string_view text;
  };

  void AppendTo(Column& column, const Value& value, columns::DictionaryBuilder& dictionary) const {
    switch (declared_.type) {
      case ColumnType::kFloat64:
        column.float64.push_back(value.real);
        break;
      case ColumnType::kInt64:
      case ColumnType::kTimestamp:
        column.int64.push_back(value.integer);
        break;
      case ColumnType::kBool:
        column.boolean.push_back(static_cast<uint8_t>(value.integer));
        break;
      case ColumnType::kText:
        column.codes.push_back(dictionary.CodeOf(value.text));
        break;
      case ColumnType::kDate:
        column.date.push_back(static_cast<int32_t>(value.integer));
        break;
    }
  }

  const DatasetColumn& declared_;
  std::vector<std::optional<Value>> values_;
};

class FixtureReader {
 public:
  FixtureReader(const MetricTest& test, const std::string& field, const MetricDefinition& metric,
                const Dataset& dataset)
      : test_(test), field_(field), dataset_(dataset) {
    needed_.insert(metric.columns.begin(), metric.columns.end());
    if (!dataset.time_column.empty()) needed_.insert(dataset.time_column);
    if (!dataset.entity_column.empty()) needed_.insert(dataset.entity_column);
  }

  FixtureRows Run() && {
    ChooseColumns();
    for (size_t row = 0; row < test_.rows.size(); ++row) {
      for (ColumnReader& column : columns_) ReadValue(row, column);
    }
    FixtureRows fixture;
    fixture.faults = std::move(faults_);
    if (!fixture.faults.empty()) return fixture;
    const std::vector<size_t> order = Order();
    fixture.rows.rows = order.size();
    for (const ColumnReader& column : columns_) fixture.rows.columns.push_back(column.Take(order));
    return fixture;
  }

 private:
  std::string FieldOf(size_t row, std::string_view column) const {
    return absl::StrCat(field_, ".rows[", row, "].", std::string(column));
  }

  // Those that some row names or that are needed, as declared.
  void ChooseColumns() {
    std::set<std::string_view> named(needed_.begin(), needed_.end());
    for (size_t row = 0; row < test_.rows.size(); ++row) {
      for (const auto& [column, text] : test_.rows[row]) {
        if (dataset_.Find(column) == nullptr) {
          faults_.push_back(UnknownColumn(FieldOf(row, column), column, dataset_));
        }
        named.insert(column);
      }
    }
    for (const DatasetColumn& column : dataset_.columns) {
      if (named.contains(column.name)) columns_.emplace_back(column);
    }
  }

  void ReadValue(size_t row, ColumnReader& column) {
    const DatasetColumn& declared = column.declared();
    const auto value = test_.rows[row].find(declared.name);
    if (value == test_.rows[row].end()) {
      column.AppendNull();
      // A row without its time would be in no bucket, whatever the declaration says.
      const bool required = !declared.nullable || declared.name == dataset_.time_column;
      if (required && needed_.contains(declared.name)) {
        Refuse(row, declared, absl::StrCat(FieldOf(row, declared.name), " is required"));
      }
    } else if (!column.Append(value->second)) {
      Refuse(row, declared,
             absl::StrCat(FieldOf(row, declared.name), " must be ",
                          std::string(WantedForm(declared.type)), ", not \"",
                          Excerpt(value->second), "\""));
    } else if (declared.name == dataset_.entity_column && value->second.empty()) {
      Refuse(row, declared,
             absl::StrCat(FieldOf(row, declared.name), " is empty, but names the entity"));
    }
  }

  void Refuse(size_t row, const DatasetColumn& column, std::string message) {
    faults_.push_back({FieldOf(row, column.name), "DEFINITION_INVALID", std::move(message), {}});
  }

  const ColumnReader* Reader(std::string_view name) const {
    for (const ColumnReader& column : columns_) {
      if (column.declared().name == name) return &column;
    }
    return nullptr;
  }

  // Places of rows by entity, then time.
  std::vector<size_t> Order() const {
    std::vector<size_t> order(test_.rows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const ColumnReader* const entity = Reader(dataset_.entity_column);
    const ColumnReader* const time = Reader(dataset_.time_column);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      if (entity != nullptr && entity->Text(a) != entity->Text(b)) {
        return entity->Text(a) < entity->Text(b);
      }
      return time != nullptr && time->Integer(a) < time->Integer(b);
    });
    return order;
  }

  const MetricTest& test_;
  const std::string& field_;
  const Dataset& dataset_;
  std::set<std::string> needed_;
  std::vector<ColumnReader> columns_;
  std::vector<FieldFault> faults_;
};

}  // namespace

FixtureRows ReadFixtureRows(const MetricTest& test, const std::string& field,
                            const MetricDefinition& metric, const Dataset& dataset) {
  return FixtureReader(test, field, metric, dataset).Run();
}

}  // namespace metricstore::registry
