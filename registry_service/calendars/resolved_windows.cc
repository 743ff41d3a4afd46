#include "registry_service/calendars/resolved_windows.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/date_text.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

using calendar::WindowBuckets;

// Dates that are resolved at a time. A page of a long rolling window has a few only.
constexpr size_t kFewestDates = 31;
constexpr size_t kMostDates = 400;

bool KnowsAll(const calendar::Calendar& calendar, const DateRange& dates) {
  return calendar.Knows(dates.start) && calendar.Knows(dates.end - 1);
}

// The dates of whole buckets.
absl::StatusOr<DateRange> WholeBuckets(const calendar::Calendar& calendar, Grain grain,
                                       const DateRange& dates) {
  RETURN_IF_ERROR(CheckKnownDates(calendar, dates));
  const DateRange aligned = calendar::AlignToGrain(calendar, grain, dates);
  if (KnowsAll(calendar, aligned)) return aligned;
  return status::FieldInvalid(
      "dates", calendar::DatesText(dates),
      absl::StrCat("the whole ", std::string(GrainName(grain)), " buckets around them reach from ",
                   calendar::DatesText(aligned), ", and ", calendar::KnownDatesText(calendar),
                   " only"));
}

// The first dates, in whole buckets, that may fill a page; all if they are few.
DateRange Chunk(const calendar::Calendar& calendar, Grain grain, const DateRange& dates,
                size_t max_pieces) {
  const auto count = static_cast<int>(std::clamp(max_pieces, kFewestDates, kMostDates));
  const absl::CivilDay end = std::min(dates.end, dates.start + count);
  return calendar::AlignToGrain(calendar, grain, {dates.start, end});
}

// Gathers the buckets of one page.
class PageFiller {
 public:
  PageFiller(const calendar::Calendar& calendar, size_t max_pieces)
      : calendar_(calendar), max_pieces_(max_pieces) {}

  bool full() const { return page_.next.has_value(); }

  absl::Status Add(const WindowBuckets& resolved, size_t i) {
    const WindowBuckets::Span& span = resolved.spans[i];
    const size_t pieces = span.end_slice - span.first_slice;
    const absl::CivilDay date = calendar_.DateAt(span.start);
    if (pieces > kMaxBucketPieces) {
      return status::FieldInvalid(
          "window", FormatDate(date),
          absl::StrCat("the bucket of this date has ", pieces, " pieces, and at most ",
                       kMaxBucketPieces, " fit into an answer; shorten the window's reach"));
    }
    if (!page_.buckets.empty() && pieces_ + pieces > max_pieces_) {
      page_.next = BucketPosition{date, span.start};
    } else {
      page_.buckets.push_back({date, resolved.BucketAt(i)});
      pieces_ += pieces;
    }
    return absl::OkStatus();
  }

  ResolvedPage Take() && { return std::move(page_); }

 private:
  const calendar::Calendar& calendar_;
  const size_t max_pieces_;
  size_t pieces_ = 0;
  ResolvedPage page_;
};

}  // namespace

absl::Status ForeignPageToken() {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                              "page_token is not one that this method gave for this request")
      .Field("page_token", "give the next_page_token of the page before, or leave it empty")
      .Build();
}

absl::Status CheckKnownDates(const calendar::Calendar& calendar, const DateRange& dates) {
  if (KnowsAll(calendar, dates)) return absl::OkStatus();
  return status::FieldInvalid("dates", calendar::DatesText(dates),
                              absl::StrCat(calendar::KnownDatesText(calendar), " only"));
}

absl::StatusOr<ResolvedPage> ResolveWindowPage(const calendar::Calendar& calendar,
                                               const calendar::Window& window, Grain grain,
                                               const DateRange& dates,
                                               const std::optional<BucketPosition>& from,
                                               size_t max_pieces) {
  RETURN_IF_ERROR(calendar::CheckWindow(window, calendar, grain));
  ASSIGN_OR_RETURN(DateRange rest, WholeBuckets(calendar, grain, dates));
  if (from.has_value()) {
    const absl::CivilDay date = from->date;
    const bool starts_bucket =
        calendar::AlignToGrain(calendar, grain, {date, date + 1}).start == date;
    if (date < rest.start || date >= rest.end || !starts_bucket) return ForeignPageToken();
    rest.start = date;
  }
  PageFiller page(calendar, max_pieces);
  while (rest.start < rest.end && !page.full()) {
    const DateRange chunk = Chunk(calendar, grain, rest, max_pieces);
    ASSIGN_OR_RETURN(const WindowBuckets resolved,
                     calendar::ResolveBuckets(calendar, window, grain, chunk));
    for (size_t i = 0; i < resolved.spans.size() && !page.full(); ++i) {
      if (from.has_value() && resolved.spans[i].start < from->bucket_start) continue;
      RETURN_IF_ERROR(page.Add(resolved, i));
    }
    rest.start = chunk.end;
  }
  return std::move(page).Take();
}

}  // namespace metricstore::registry
