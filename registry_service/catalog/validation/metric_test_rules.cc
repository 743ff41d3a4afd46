#include "registry_service/catalog/validation/metric_test_rules.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/validation/unknown_name.h"

namespace metricstore::registry {
namespace {

constexpr size_t kDateBytes = 10;

// Whether a bucket of the grain starts on the date.
bool StartsBucket(absl::CivilDay date, Grain grain, const calendar::Calendar& calendar) {
  return calendar::AlignToGrain(calendar, grain, {date, date + 1}).start == date;
}

std::string_view WeekForm(absl::Weekday start) {
  switch (start) {
    case absl::Weekday::monday:
      return "a Monday of the calendar";
    case absl::Weekday::saturday:
      return "a Saturday of the calendar";
    case absl::Weekday::sunday:
      return "a Sunday of the calendar";
    default:
      return "the first date of a week of the calendar";
  }
}

std::string_view BucketForm(Grain grain, const calendar::Calendar& calendar) {
  switch (grain) {
    case Grain::kHour:
      return "the instant at which an hour starts, like 2024-03-04T15:00:00Z";
    case Grain::kDay:
      return "a date of the calendar";
    case Grain::kWeek:
      return WeekForm(calendar.spec().week_start);
    case Grain::kMonth:
      return "the first date of a month of the calendar";
    case Grain::kQuarter:
      return "the first date of a quarter of the calendar";
    case Grain::kYear:
      break;
  }
  return "the first date of a year of the calendar";
}

// Hours start where the local clock shows a whole one; where it is set to another time, and at odd
// starts of trade dates, the buckets around tell.
bool StartsHour(absl::Time instant, const calendar::Calendar& calendar) {
  const absl::TimeZone::CivilInfo local = calendar.zone().At(instant);
  const absl::CivilDay day(local.cs);
  if (local.cs.minute() == 0 && local.cs.second() == 0 && local.subsecond == absl::ZeroDuration()) {
    return calendar.Knows(day);
  }
  for (absl::CivilDay date = day - 1; date <= day + 1; ++date) {
    if (!calendar.Knows(date)) continue;
    const auto buckets =
        calendar::ResolveBuckets(calendar, calendar::Window(), Grain::kHour, {date, date + 1});
    if (!buckets.ok()) continue;
    for (const calendar::WindowBuckets::Span& bucket : buckets->spans) {
      if (bucket.start == instant) return true;
    }
  }
  return false;
}

class TestsOverDataset {
 public:
  TestsOverDataset(const MetricDefinition& metric, const Dataset& dataset,
                   const calendar::Calendar* calendar)
      : metric_(metric), dataset_(dataset), calendar_(calendar) {}

  std::vector<FieldFault> Run() && {
    for (size_t i = 0; i < metric_.tests.size(); ++i) {
      const std::string field = absl::StrCat("tests[", i, "]");
      const MetricTest& test = metric_.tests[i];
      for (size_t r = 0; r < test.rows.size(); ++r) {
        CheckRow(test.rows[r], absl::StrCat(field, ".rows[", r, "]"));
      }
      CheckPoints(test, field);
    }
    return std::move(faults_);
  }

 private:
  void Add(std::string field, std::string message) {
    faults_.push_back({std::move(field), "DEFINITION_INVALID", std::move(message), {}});
  }

  void CheckRow(const MetricTest::Row& row, const std::string& field) {
    for (const auto& [column, value] : row) {
      if (dataset_.Find(column) != nullptr) continue;
      faults_.push_back(UnknownColumn(absl::StrCat(field, ".", column), column, dataset_));
    }
  }

  void CheckPoints(const MetricTest& test, const std::string& field) {
    std::set<std::pair<absl::Time, std::string>> seen;
    for (size_t i = 0; i < test.expect.size(); ++i) {
      const MetricTest::ExpectedPoint& point = test.expect[i];
      const std::string place = absl::StrCat(field, ".expect[", i, "]");
      const bool has_entities = !dataset_.entity_column.empty();
      if (has_entities && point.entity.empty()) {
        Add(place, absl::StrCat(place, " needs an entity: a ", dataset_.entity_column));
      } else if (!has_entities && !point.entity.empty()) {
        Add(place + ".entity",
            absl::StrCat(place, ".entity: dataset \"", dataset_.name, "\" has no entities"));
      }
      if (calendar_ == nullptr) continue;
      const auto start = BucketStart(point.bucket, metric_.grain, *calendar_);
      if (!start.has_value()) {
        Add(place + ".bucket", absl::StrCat(place, ".bucket must be ",
                                            std::string(BucketForm(metric_.grain, *calendar_)),
                                            ", not \"", Excerpt(point.bucket), "\""));
      } else if (!seen.emplace(*start, point.entity).second) {
        Add(place, absl::StrCat(place, " names the bucket and entity of a point before it"));
      }
    }
  }

  const MetricDefinition& metric_;
  const Dataset& dataset_;
  const calendar::Calendar* const calendar_;
  std::vector<FieldFault> faults_;
};

}  // namespace

std::optional<absl::Time> ParseInstant(std::string_view text) {
  // The date is checked apart: absl takes years of any length.
  if (text.size() <= kDateBytes || !ParseDate("instant", text.substr(0, kDateBytes)).ok()) {
    return std::nullopt;
  }
  const std::string copy(text);
  for (const char* const form : {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S%Ez",
                                 "%Y-%m-%dT%H:%M%Ez", "%Y-%m-%d %H:%M%Ez"}) {
    absl::Time time;
    if (absl::ParseTime(form, copy, &time, nullptr)) return time;
  }
  return std::nullopt;
}

std::optional<absl::Time> BucketStart(std::string_view text, Grain grain,
                                      const calendar::Calendar& calendar) {
  if (grain == Grain::kHour) {
    const auto instant = ParseInstant(text);
    if (!instant.has_value() || !StartsHour(*instant, calendar)) return std::nullopt;
    return instant;
  }
  const auto date = ParseDate("bucket", text);
  if (!date.ok() || !calendar.Knows(*date) || !StartsBucket(*date, grain, calendar))
    return std::nullopt;
  return calendar.ExtentOf(*date).start;
}

std::string BucketText(absl::Time start, Grain grain, const calendar::Calendar& calendar) {
  if (grain == Grain::kHour) return FormatInstant(start);
  const absl::CivilDay date = calendar.DateAt(start);
  const bool starts = calendar.Knows(date) && calendar.ExtentOf(date).start == start;
  return starts ? FormatDate(date) : FormatInstant(start);
}

std::vector<FieldFault> CheckTestsOverDataset(const MetricDefinition& metric,
                                              const Dataset& dataset,
                                              const calendar::Calendar* calendar) {
  return TestsOverDataset(metric, dataset, calendar).Run();
}

}  // namespace metricstore::registry
