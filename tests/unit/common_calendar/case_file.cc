#include "tests/unit/common_calendar/case_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

using Words = std::vector<std::string>;

absl::Status BadLine(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("not of the form: ", what));
}

// "09:30", "18:00-1d", "03:00+1d".
absl::StatusOr<LocalTime> ReadLocalTime(const std::string& text) {
  LocalTime time;
  int hours = 0;
  int minutes = 0;
  const bool sound = text.size() >= 5 && text[2] == ':' &&
                     absl::SimpleAtoi(text.substr(0, 2), &hours) &&
                     absl::SimpleAtoi(text.substr(3, 2), &minutes);
  if (!sound) return BadLine(text);
  time.second_of_day = hours * 3600 + minutes * 60;
  const std::string day = text.substr(5);
  if (day != "" && day != "-1d" && day != "+1d") return BadLine(text);
  if (!day.empty()) time.day_offset = day == "-1d" ? -1 : 1;
  return time;
}

absl::StatusOr<absl::Weekday> ReadWeekday(const std::string& text) {
  // In the order of absl::Weekday.
  static constexpr std::string_view kNames[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const auto* found = std::find(std::begin(kNames), std::end(kNames), text);
  if (found == std::end(kNames)) return BadLine(text);
  return static_cast<absl::Weekday>(found - std::begin(kNames));
}

absl::StatusOr<DateRule> ReadDateRule(const std::string& text) {
  ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate("date", text));
  return DateRule{DateRule::Fixed{date}};
}

// A line of a calendar block.
absl::Status ReadCalendarLine(const Words& words, CalendarSpec& spec) {
  const std::string& key = words[0];
  if (key == "zone" && words.size() == 2) {
    spec.time_zone = words[1];
  } else if (key == "open" && words.size() > 1) {
    for (size_t i = 1; i < words.size(); ++i) {
      ASSIGN_OR_RETURN(const absl::Weekday weekday, ReadWeekday(words[i]));
      spec.open_days.push_back(weekday);
    }
  } else if (key == "session" && words.size() == 4) {
    SessionRule session{words[1], {}, {}};
    ASSIGN_OR_RETURN(session.open, ReadLocalTime(words[2]));
    ASSIGN_OR_RETURN(session.close, ReadLocalTime(words[3]));
    spec.sessions.push_back(std::move(session));
  } else if (key == "holiday" && words.size() == 2) {
    ASSIGN_OR_RETURN(DateRule on, ReadDateRule(words[1]));
    spec.holidays.push_back({"Holiday", std::move(on)});
  } else if ((key == "early" || key == "late") && (words.size() == 3 || words.size() == 4)) {
    SpecialHours hours;
    ASSIGN_OR_RETURN(hours.on, ReadDateRule(words[1]));
    ASSIGN_OR_RETURN(const LocalTime time, ReadLocalTime(words[2]));
    (key == "early" ? hours.early_close : hours.late_open) = time;
    if (words.size() == 4) hours.sessions.push_back(words[3]);
    spec.special_hours.push_back(std::move(hours));
  } else {
    return BadLine(key);
  }
  return absl::OkStatus();
}

absl::StatusOr<Window> ReadWindow(const std::string& text, const std::string& session) {
  if (!absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) {
    ASSIGN_OR_RETURN(Window window, ParseWindowName(text));
    if (!session.empty()) window.session = session;
    return window;
  }
  const Words ends = absl::StrSplit(text, '-');
  if (ends.size() != 2) return BadLine(text);
  Window window;
  window.kind = WindowKind::kRange;
  window.session = session;
  ASSIGN_OR_RETURN(const LocalTime from, ReadLocalTime(ends[0]));
  ASSIGN_OR_RETURN(const LocalTime to, ReadLocalTime(ends[1]));
  window.from_second = from.second_of_day;
  window.to_second = to.second_of_day;
  return window;
}

// The words after "resolve": WINDOW [of SESSION] by GRAIN in [DATE, DATE)
absl::Status ReadQuestion(const Words& words, Case& out) {
  const bool with_session = words.size() == 9 && words[2] == "of";
  const size_t by = with_session ? 4 : 2;
  if (words.size() != by + 5 || words[by] != "by" || words[by + 2] != "in") {
    return BadLine("resolve");
  }
  ASSIGN_OR_RETURN(out.window, ReadWindow(words[1], with_session ? words[3] : ""));
  out.window_text = with_session ? absl::StrCat(words[1], " of ", words[3]) : words[1];
  const auto grain = ParseGrain(words[by + 1]);
  if (!grain) return BadLine(words[by + 1]);
  out.grain = *grain;
  const std::string& start = words[by + 3];
  const std::string& end = words[by + 4];
  if (start.size() != 12 || end.size() != 11) return BadLine(start + " " + end);
  ASSIGN_OR_RETURN(out.dates.start, ParseDate("date", start.substr(1, 10)));
  ASSIGN_OR_RETURN(out.dates.end, ParseDate("date", end.substr(0, 10)));
  return absl::OkStatus();
}

// Holds what the lines so far have said.
class Reader {
 public:
  absl::Status Read(const std::string& line, int number) {
    const Words words = absl::StrSplit(line, absl::ByAnyChar(" "), absl::SkipEmpty());
    if (words.empty() || words[0][0] == '#') return absl::OkStatus();
    if (line[0] == ' ') return ReadIndented(line, words);
    if (words[0] == "calendar" && words.size() == 2) {
      spec_ = CalendarSpec();
      spec_->name = words[1];
      spec_->first_date = absl::CivilDay(2000, 1, 1);
      spec_->last_date = absl::CivilDay(2030, 12, 31);
      return absl::OkStatus();
    }
    if (words[0] != "resolve") return BadLine(words[0]);
    if (spec_) {
      ASSIGN_OR_RETURN(calendar_, Calendar::Create(*std::exchange(spec_, std::nullopt), 1));
    }
    Case next;
    next.line = number;
    next.calendar = calendar_;
    RETURN_IF_ERROR(ReadQuestion(words, next));
    cases_.push_back(std::move(next));
    return absl::OkStatus();
  }

  std::vector<Case> TakeCases() { return std::move(cases_); }

 private:
  absl::Status ReadIndented(const std::string& line, const Words& words) {
    if (spec_) return ReadCalendarLine(words, *spec_);
    if (cases_.empty()) return BadLine("a table without a question");
    if (!absl::StartsWith(line, "  bucket start")) cases_.back().table.push_back(line.substr(2));
    return absl::OkStatus();
  }

  std::optional<CalendarSpec> spec_;  // of the calendar block that is being read
  std::shared_ptr<const Calendar> calendar_;
  std::vector<Case> cases_;
};

std::string UtcText(absl::Time time) {
  const bool whole_minute = absl::ToUnixSeconds(time) % 60 == 0;
  return absl::FormatTime(whole_minute ? "%Y-%m-%d %H:%M" : "%Y-%m-%d %H:%M:%E*S", time,
                          absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<std::vector<Case>> ReadCases(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path);
  Reader reader;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (const absl::Status read = reader.Read(line, number); !read.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": ", read.message()));
    }
  }
  return reader.TakeCases();
}

std::vector<std::string> BucketTable(const std::vector<Bucket>& buckets) {
  std::vector<std::string> table;
  for (const Bucket& bucket : buckets) {
    std::string start = UtcText(bucket.start);
    for (const TimeRange& slice : bucket.slices) {
      table.push_back(absl::StrCat(start, " | ", UtcText(slice.start), " .. ", UtcText(slice.end)));
      start.assign(start.size(), ' ');
    }
  }
  if (table.empty()) table.push_back("nothing");
  return table;
}

}  // namespace metricstore::calendar
