#include "compute_service/engine/series/bucket_shift.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/grain_steps.h"
#include "common/calendar/zone_clock.h"
#include "common/status/error.h"

namespace metricstore::compute {
namespace {

// The date so many months earlier; the last of the month where it has no such day.
absl::CivilDay MonthsBack(absl::CivilDay date, int32_t months) {
  const absl::CivilMonth month = absl::CivilMonth(date) - months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (date.day() - 1), last);
}

}  // namespace

absl::StatusOr<BucketShift> BucketShift::Create(const calendar::Calendar& calendar, Grain grain,
                                                std::string_view offset) {
  struct Scale {
    std::string_view name;
    Unit unit;
    int32_t count;
  };
  static constexpr std::array<Scale, 6> kScales = {{{"hour", Unit::kHours, 1},
                                                    {"day", Unit::kDays, 1},
                                                    {"week", Unit::kDays, 7},
                                                    {"month", Unit::kMonths, 1},
                                                    {"quarter", Unit::kMonths, 3},
                                                    {"year", Unit::kMonths, 12}}};
  int32_t count = 0;
  const char* const end = offset.data() + offset.size();
  const auto [rest, error] = std::from_chars(offset.data(), end, count);
  std::string_view name(rest, static_cast<size_t>(end - rest));
  if (name.starts_with(' ')) name.remove_prefix(1);
  if (name.ends_with('s')) name.remove_suffix(1);
  const auto scale = std::find_if(kScales.begin(), kScales.end(),
                                  [name](const Scale& one) { return one.name == name; });
  if (error != std::errc() || scale == kScales.end()) {
    return status::InternalError(absl::StrCat("no canonical offset: ", std::string(offset)));
  }
  if (scale->unit == Unit::kHours && grain != Grain::kHour) {
    const std::string message =
        absl::StrCat("an offset of ", std::string(offset), " is shorter than a ",
                     std::string(GrainName(grain)), ": hours are for grain hour");
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message)
        .Metadata("field", "expression")
        .Field("expression", message)
        .Build();
  }
  return BucketShift(calendar, grain, scale->unit, count * scale->count);
}

absl::CivilDay BucketShift::Back(absl::CivilDay date) const {
  return unit_ == Unit::kMonths ? MonthsBack(date, count_) : date - count_;
}

std::optional<int64_t> BucketShift::HourAt(absl::Time instant) const {
  const absl::CivilDay date = calendar_->DateAt(instant);
  if (!calendar_->Knows(date)) return std::nullopt;
  const int64_t at = calendar::SecondsOf(instant);
  const calendar::ZoneClock::Stretch hour =
      calendar::ClockStep(calendar_->clock().StretchAt(at), at, 3600);
  const absl::Time start = absl::FromUnixSeconds(hour.from);
  return ToMicros(std::max(start, calendar_->ExtentOf(date).start));
}

std::optional<int64_t> BucketShift::Of(int64_t start_micros) const {
  const absl::Time start = FromMicros(start_micros);
  if (unit_ == Unit::kHours) return HourAt(start - absl::Hours(count_));
  const absl::CivilDay date = calendar_->DateAt(start);
  const absl::CivilDay target = Back(date);
  if (grain_ == Grain::kHour) {
    const int64_t wall = absl::ToCivilSecond(start, calendar_->zone()) - absl::CivilSecond(date);
    return HourAt(absl::FromUnixSeconds(calendar_->clock().At(target, static_cast<int32_t>(wall))));
  }
  const absl::CivilDay step = calendar::StepStart(*calendar_, grain_, target);
  if (!calendar_->Knows(step)) return std::nullopt;
  return ToMicros(calendar_->ExtentOf(step).start);
}

DateRange BucketShift::Of(DateRange dates) const {
  if (dates.start >= dates.end) return dates;
  DateRange reached;
  if (unit_ == Unit::kHours) {
    const TimeRange extent = calendar_->ExtentOf(dates);
    reached = {calendar_->DateAt(extent.start - absl::Hours(count_)),
               calendar_->DateAt(extent.end - absl::Hours(count_) - absl::Microseconds(1)) + 1};
  } else if (grain_ == Grain::kHour) {
    // The clock may show another date's hour where it is set to another time.
    reached = {Back(dates.start) - 1, Back(dates.end - 1) + 2};
  } else {
    reached = {Back(dates.start), Back(calendar::StepStart(*calendar_, grain_, dates.end - 1)) + 1};
  }
  return calendar::KnownSteps(*calendar_, grain_, reached);
}

}  // namespace metricstore::compute
