#include "registry_service/api/request/time_converter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry::api {
namespace {

constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int32_t kMaxNanos = 999'999'999;

std::string Path(std::string_view field, std::string_view part) {
  return absl::StrCat(std::string(field), ".", std::string(part));
}

absl::StatusOr<absl::Time> InstantOf(const std::string& field,
                                     const google::protobuf::Timestamp& proto) {
  if (proto.seconds() < kFirstSecond || proto.seconds() > kLastSecond || proto.nanos() < 0 ||
      proto.nanos() > kMaxNanos) {
    return status::FieldInvalid(field, absl::StrCat(proto.seconds()),
                                "must lie within the years 1 to 9999");
  }
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::Status Reversed(std::string_view field, std::string_view end_part, const std::string& start,
                      const std::string& end) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED",
                              absl::StrCat(std::string(field), " ends before, or where, it starts"))
      .Metadata("start", start)
      .Metadata("end", end)
      .Field(Path(field, end_part), "must be later than the start")
      .Build();
}

}  // namespace

void ToProto(const DateRange& dates, common::v1::DateInterval* proto) {
  proto->set_start_date(FormatDate(dates.start));
  proto->set_end_date(FormatDate(dates.end));
}

absl::StatusOr<absl::Duration> FromProto(std::string_view field,
                                         const google::protobuf::Duration& proto) {
  if (proto.seconds() < -kMaxDurationSeconds || proto.seconds() > kMaxDurationSeconds ||
      proto.nanos() < -kMaxNanos || proto.nanos() > kMaxNanos) {
    return status::FieldInvalid(field, absl::StrCat(proto.seconds()), "is not a valid duration");
  }
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::StatusOr<TimeRange> FromProto(std::string_view field, const common::v1::Interval& proto) {
  if (!proto.has_start_time()) return status::FieldRequired(Path(field, "start_time"));
  if (!proto.has_end_time()) return status::FieldRequired(Path(field, "end_time"));
  TimeRange range;
  ASSIGN_OR_RETURN(range.start, InstantOf(Path(field, "start_time"), proto.start_time()));
  ASSIGN_OR_RETURN(range.end, InstantOf(Path(field, "end_time"), proto.end_time()));
  if (range.end <= range.start) {
    return Reversed(field, "end_time", FormatInstant(range.start), FormatInstant(range.end));
  }
  return range;
}

absl::StatusOr<DateRange> FromProto(std::string_view field, const common::v1::DateInterval& proto) {
  if (proto.start_date().empty()) return status::FieldRequired(Path(field, "start_date"));
  if (proto.end_date().empty()) return status::FieldRequired(Path(field, "end_date"));
  DateRange dates;
  ASSIGN_OR_RETURN(dates.start, ParseDate(Path(field, "start_date"), proto.start_date()));
  ASSIGN_OR_RETURN(dates.end, ParseDate(Path(field, "end_date"), proto.end_date()));
  if (dates.end <= dates.start) {
    return Reversed(field, "end_date", proto.start_date(), proto.end_date());
  }
  return dates;
}

}  // namespace metricstore::registry::api
