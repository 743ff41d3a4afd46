#include "registry_service/catalog/store/metric_test_runner.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/store/fixture_rows.h"
#include "registry_service/catalog/validation/metric_test_rules.h"

namespace metricstore::registry {
namespace {

using ExpectedPoint = MetricTest::ExpectedPoint;

// Of one call.
constexpr size_t kMaxEvaluations = 1'000;
// A call may carry 4 MiB, definitions included.
constexpr size_t kMaxRowBytes = 1 << 20;
constexpr double kDefaultTolerance = 1e-9;
// Rounding leaves this much of what should be zero, whatever the tolerance.
constexpr double kSmallestDifference = 1e-12;

// A test that is sent away, and where its faults belong.
struct SentTest {
  size_t metric = 0;  // in the list that was asked for
  size_t test = 0;
};

std::string TestField(size_t test) { return absl::StrCat("tests[", test, "]"); }

std::string ValueText(const std::optional<double>& value) {
  if (!value.has_value()) return "NULL";
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), *value).ptr);
}

std::string ActualText(const EvaluatedRows::Point& point) {
  return point.finite ? ValueText(point.value) : "not finite";
}

bool Agrees(const ExpectedPoint& expected, const EvaluatedRows::Point& actual, double tolerance) {
  if (!actual.finite) return false;
  if (!expected.value.has_value() || !actual.value.has_value()) {
    return expected.value.has_value() == actual.value.has_value();
  }
  const double allowed = std::max(tolerance * std::abs(*expected.value), kSmallestDifference);
  return std::abs(*actual.value - *expected.value) <= allowed;
}

// Compares what a test gave with what it expects. Lives for one call.
class PointComparison {
 public:
  PointComparison(const TestedMetric& tested, size_t test)
      : tested_(tested), test_(tested.metric->tests[test]), field_(TestField(test)) {}

  std::vector<FieldFault> Run(const EvaluatedRows& evaluated) && {
    std::map<std::pair<std::string_view, absl::Time>, const EvaluatedRows::Point*> actual;
    for (const EvaluatedRows::Point& point : evaluated.points) {
      actual[{point.entity, point.bucket_start}] = &point;
    }
    for (size_t i = 0; i < test_.expect.size(); ++i) {
      const ExpectedPoint& expected = test_.expect[i];
      const std::string field = absl::StrCat(field_, ".expect[", i, "]");
      const auto start = BucketStart(expected.bucket, tested_.metric->grain, *tested_.calendar);
      const auto found = start.has_value() ? actual.find({expected.entity, *start}) : actual.end();
      if (found == actual.end()) {
        Add(field, expected.bucket, expected.entity, ValueText(expected.value), "missing");
        continue;
      }
      const double tolerance = test_.tolerance == 0 ? kDefaultTolerance : test_.tolerance;
      if (!Agrees(expected, *found->second, tolerance)) {
        Add(field, expected.bucket, expected.entity, ValueText(expected.value),
            ActualText(*found->second));
      }
      actual.erase(found);
    }
    for (const auto& [key, point] : actual) {
      const std::string bucket =
          BucketText(point->bucket_start, tested_.metric->grain, *tested_.calendar);
      Add(field_ + ".expect", bucket, point->entity, "no such point", ActualText(*point));
    }
    return std::move(faults_);
  }

 private:
  void Add(std::string field, const std::string& bucket, const std::string& entity,
           const std::string& expected, const std::string& actual) {
    const std::string whose = entity.empty() ? "" : absl::StrCat(" of ", Excerpt(entity));
    faults_.push_back({std::move(field),
                       "TEST_FAILED",
                       absl::StrCat("test \"", test_.name, "\": bucket ", bucket, whose, " is ",
                                    actual, ", expected ", expected),
                       {{"test", test_.name},
                        {"bucket", bucket},
                        {"entity", entity},
                        {"expected", expected},
                        {"actual", actual}}});
  }

  const TestedMetric& tested_;
  const MetricTest& test_;
  const std::string field_;
  std::vector<FieldFault> faults_;
};

// The evaluations of several metrics' tests, sent as they come, as many as one call carries.
class TestRun {
 public:
  TestRun(RowEvaluator& evaluator, const std::vector<TestedMetric>& metrics,
          const CallBounds& bounds)
      : evaluator_(evaluator), metrics_(metrics), bounds_(bounds), reports_(metrics.size()) {}

  absl::StatusOr<std::vector<TestReport>> Run() && {
    for (size_t i = 0; i < metrics_.size(); ++i) {
      const MetricDefinition& metric = *metrics_[i].metric;
      if (metric.tests.empty()) continue;
      if (!CanRun(i)) continue;
      for (size_t test = 0; test < metric.tests.size(); ++test) {
        RETURN_IF_ERROR(AddTest(i, test));
      }
    }
    RETURN_IF_ERROR(Send());
    return std::move(reports_);
  }

 private:
  bool CanRun(size_t place) {
    const TestedMetric& tested = metrics_[place];
    std::string why = WhyNotTested(*tested.metric);
    if (why.empty() && (tested.dataset == nullptr || tested.calendar == nullptr)) {
      why = "has no table";
    }
    if (why.empty()) return true;
    reports_[place].faults.push_back(
        {"tests",
         "NOT_SUPPORTED",
         absl::StrCat("tests: this release cannot run tests of the metric: ", why),
         {}});
    return false;
  }

  absl::Status AddTest(size_t place, size_t test) {
    const TestedMetric& tested = metrics_[place];
    FixtureRows fixture = ReadFixtureRows(tested.metric->tests[test], TestField(test),
                                          *tested.metric, *tested.dataset);
    if (!fixture.faults.empty()) {
      Report(place, std::move(fixture.faults));
      return absl::OkStatus();
    }
    if (fixture.rows.rows == 0) {
      // No rows make no points, whoever evaluates them.
      Report(place, PointComparison(tested, test).Run(EvaluatedRows()));
      return absl::OkStatus();
    }
    const size_t bytes = BytesOf(fixture.rows);
    if (evaluations_.size() == kMaxEvaluations || row_bytes_ + bytes > kMaxRowBytes) {
      RETURN_IF_ERROR(Send());
    }
    row_bytes_ += bytes;
    evaluations_.push_back(
        {tested.metric, tested.dataset, tested.calendar, std::move(fixture.rows)});
    sent_.push_back({place, test});
    return absl::OkStatus();
  }

  static size_t BytesOf(const columns::ColumnBatch& rows) {
    size_t bytes = 0;
    for (const columns::Column& column : rows.columns) {
      bytes += columns::kColumnOverheadBytes + rows.rows * columns::ValueBytes(column.type);
      for (const std::string& text : column.dictionary) {
        bytes += columns::kEntryOverheadBytes + text.size();
      }
    }
    return bytes;
  }

  absl::Status Send() {
    if (evaluations_.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<EvaluatedRows> results,
                     evaluator_.Evaluate(evaluations_, bounds_));
    if (results.size() != sent_.size()) {
      return status::InternalError(
          absl::StrCat("asked for ", sent_.size(), " evaluations, got ", results.size()));
    }
    for (size_t i = 0; i < sent_.size(); ++i) {
      Report(sent_[i].metric, FaultsOf(sent_[i], results[i]));
    }
    evaluations_.clear();
    sent_.clear();
    row_bytes_ = 0;
    return absl::OkStatus();
  }

  std::vector<FieldFault> FaultsOf(const SentTest& sent, const EvaluatedRows& result) const {
    const TestedMetric& tested = metrics_[sent.metric];
    if (result.error_reason.empty()) return PointComparison(tested, sent.test).Run(result);
    const std::string& name = tested.metric->tests[sent.test].name;
    return {{TestField(sent.test),
             result.error_reason,
             absl::StrCat("test \"", name, "\" cannot be run: ", result.error),
             {{"test", name}}}};
  }

  void Report(size_t place, std::vector<FieldFault> faults) {
    TestReport& report = reports_[place];
    if (faults.empty()) ++report.passed;
    for (FieldFault& fault : faults) report.faults.push_back(std::move(fault));
  }

  RowEvaluator& evaluator_;
  const std::vector<TestedMetric>& metrics_;
  const CallBounds& bounds_;
  std::vector<TestReport> reports_;
  std::vector<RowEvaluation> evaluations_;
  std::vector<SentTest> sent_;
  size_t row_bytes_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<TestReport>> MetricTestRunner::Run(
    const std::vector<TestedMetric>& metrics, const CallBounds& bounds) {
  return TestRun(evaluator_, metrics, bounds).Run();
}

}  // namespace metricstore::registry
