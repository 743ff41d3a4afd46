#include "registry_service/catalog/definition/metric_test_shape.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/definition/text_form.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMaxTests = 100;
constexpr size_t kMaxNameLength = 200;
constexpr size_t kMaxRows = 1'000;
constexpr size_t kMaxPoints = 1'000;
// Of all tests of a metric together: values of rows and expected points.
constexpr size_t kMaxValues = 50'000;
constexpr double kMaxTolerance = 0.1;

class TestsCheck {
 public:
  explicit TestsCheck(std::vector<FieldFault>& faults) : faults_(faults) {}

  void Run(const std::vector<MetricTest>& tests) {
    if (tests.size() > kMaxTests) {
      Add("tests", absl::StrCat("tests has more than ", kMaxTests, " items"));
      return;
    }
    size_t values = 0;
    for (const MetricTest& test : tests) {
      for (const MetricTest::Row& row : test.rows) values += 1 + row.size();
      values += test.expect.size();
    }
    if (values > kMaxValues) {
      Add("tests", absl::StrCat("tests hold more than ", kMaxValues, " values together"));
      return;
    }
    for (size_t i = 0; i < tests.size(); ++i) CheckTest(tests[i], absl::StrCat("tests[", i, "]"));
  }

 private:
  void Add(std::string field, std::string message) {
    faults_.push_back({std::move(field), "DEFINITION_INVALID", std::move(message), {}});
  }

  void CheckText(const std::string& field, const std::string& text) {
    if (auto message = TextFault(field, text)) Add(field, *std::move(message));
  }

  void CheckTest(const MetricTest& test, const std::string& field) {
    CheckName(test.name, field + ".name");
    CheckSize(test.rows.size(), kMaxRows, field + ".rows");
    CheckSize(test.expect.size(), kMaxPoints, field + ".expect");
    for (size_t i = 0; i < test.rows.size(); ++i) {
      CheckRow(test.rows[i], absl::StrCat(field, ".rows[", i, "]"));
    }
    for (size_t i = 0; i < test.expect.size(); ++i) {
      CheckPoint(test.expect[i], absl::StrCat(field, ".expect[", i, "]"));
    }
    if (!(test.tolerance >= 0 && test.tolerance <= kMaxTolerance)) {
      Add(field + ".tolerance",
          absl::StrCat(field, ".tolerance must be a number from 0 to ", kMaxTolerance));
    }
  }

  void CheckName(const std::string& name, const std::string& field) {
    CheckText(field, name);
    if (name.empty()) {
      Add(field, absl::StrCat(field, " is required"));
    } else if (name.size() > kMaxNameLength) {
      Add(field, absl::StrCat(field, " is longer than ", kMaxNameLength, " bytes"));
    } else if (!names_.insert(name).second) {
      Add(field, absl::StrCat("a test before it is named \"", Excerpt(name), "\" too"));
    }
  }

  void CheckSize(size_t size, size_t most, const std::string& field) {
    if (size > most) Add(field, absl::StrCat(field, " has more than ", most, " items"));
  }

  void CheckRow(const MetricTest::Row& row, const std::string& field) {
    for (const auto& [column, value] : row) {
      if (!IsCategoryName(column)) {
        Add(field, absl::StrCat(field, ": \"", Excerpt(column), "\" is not the name of a column"));
      } else {
        CheckText(absl::StrCat(field, ".", column), value);
      }
    }
  }

  void CheckPoint(const MetricTest::ExpectedPoint& point, const std::string& field) {
    CheckText(field + ".bucket", point.bucket);
    if (point.bucket.empty()) Add(field + ".bucket", absl::StrCat(field, ".bucket is required"));
    CheckText(field + ".entity", point.entity);
    if (point.value.has_value() && !std::isfinite(*point.value)) {
      Add(field + ".value", absl::StrCat(field, ".value must be a finite number"));
    }
  }

  std::vector<FieldFault>& faults_;
  std::set<std::string> names_;
};

}  // namespace

void NormalizeMetricTest(MetricTest& test) {
  test.name = NormalText(test.name);
  for (MetricTest::Row& row : test.rows) {
    for (auto& [column, value] : row) value = WithUnixLines(value);
  }
  for (MetricTest::ExpectedPoint& point : test.expect) {
    point.bucket = NormalText(point.bucket);
    point.entity = NormalText(point.entity);
  }
}

void CheckMetricTests(const std::vector<MetricTest>& tests, std::vector<FieldFault>& faults) {
  TestsCheck(faults).Run(tests);
}

}  // namespace metricstore::registry
