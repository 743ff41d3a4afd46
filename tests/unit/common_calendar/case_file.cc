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
  return DateRule{DateRule::Dates{{date}}};
}

// NAME OPEN CLOSE [on DAY,DAY] [from DATE] [to DATE]
absl::Status ReadSession(const Words& words, CalendarSpec& spec) {
  if (words.size() < 4 || words.size() % 2 != 0) return BadLine("session");
  SessionRule session;
  session.name = words[1];
  ASSIGN_OR_RETURN(session.open, ReadLocalTime(words[2]));
  ASSIGN_OR_RETURN(session.close, ReadLocalTime(words[3]));
  for (size_t i = 4; i < words.size(); i += 2) {
    if (words[i] == "on") {
      for (const auto& day : Words(absl::StrSplit(words[i + 1], ','))) {
        ASSIGN_OR_RETURN(const absl::Weekday weekday, ReadWeekday(day));
        session.days.push_back(weekday);
      }
    } else if (words[i] == "from") {
      ASSIGN_OR_RETURN(session.first_date, ParseDate("from", words[i + 1]));
    } else if (words[i] == "to") {
      ASSIGN_OR_RETURN(session.last_date, ParseDate("to", words[i + 1]));
    } else {
      return BadLine(words[i]);
    }
  }
  spec.sessions.push_back(std::move(session));
  return absl::OkStatus();
}

// DATE SESSION OPEN CLOSE
absl::Status ReadSpecial(const Words& words, CalendarSpec& spec) {
  if (words.size() != 5) return BadLine("special");
  SpecialSession session;
  session.name = "Special";
  ASSIGN_OR_RETURN(session.on, ReadDateRule(words[1]));
  session.session = words[2];
  ASSIGN_OR_RETURN(session.open, ReadLocalTime(words[3]));
  ASSIGN_OR_RETURN(session.close, ReadLocalTime(words[4]));
  spec.special_sessions.push_back(std::move(session));
  return absl::OkStatus();
}

// DATE TIME [SESSION]
absl::Status ReadHours(const Words& words, CalendarSpec& spec) {
  if (words.size() != 3 && words.size() != 4) return BadLine(words[0]);
  SpecialHours hours;
  ASSIGN_OR_RETURN(hours.on, ReadDateRule(words[1]));
  ASSIGN_OR_RETURN(const LocalTime time, ReadLocalTime(words[2]));
  (words[0] == "early" ? hours.early_close : hours.late_open) = time;
  hours.sessions.assign(words.begin() + 3, words.end());
  spec.special_hours.push_back(std::move(hours));
  return absl::OkStatus();
}

// Reads the lines of a calendar block.
class SpecReader {
 public:
  explicit SpecReader(const std::string& name) {
    spec_.name = name;
    spec_.first_date = absl::CivilDay(2000, 1, 1);
    spec_.last_date = absl::CivilDay(2030, 12, 31);
  }

  absl::Status Read(const Words& words) {
    const std::string& key = words[0];
    if (key == "zone" && words.size() == 2) {
      spec_.time_zone = words[1];
    } else if (key == "week_start" && words.size() == 2) {
      ASSIGN_OR_RETURN(spec_.week_start, ReadWeekday(words[1]));
    } else if (key == "open" && words.size() > 1) {
      for (size_t i = 1; i < words.size(); ++i) {
        ASSIGN_OR_RETURN(const absl::Weekday weekday, ReadWeekday(words[i]));
        spec_.open_days.push_back(weekday);
      }
    } else if (key == "dates" && words.size() == 3) {
      ASSIGN_OR_RETURN(spec_.first_date, ParseDate("dates", words[1]));
      ASSIGN_OR_RETURN(spec_.last_date, ParseDate("dates", words[2]));
    } else if (key == "holiday" && words.size() > 1) {
      ASSIGN_OR_RETURN(DateRule on, ReadDateRule(words[1]));
      spec_.holidays.push_back({"Holiday", std::move(on), {words.begin() + 2, words.end()}});
    } else if (key == "break" && words.size() == 3) {
      return ReadBreak(words);
    } else if (key == "early" || key == "late") {
      return ReadHours(words, spec_);
    } else {
      last_is_special_ = key == "special";
      if (last_is_special_) return ReadSpecial(words, spec_);
      if (key == "session") return ReadSession(words, spec_);
      return BadLine(key);
    }
    return absl::OkStatus();
  }

  CalendarSpec TakeSpec() { return std::move(spec_); }

 private:
  // START END, of the session or special session that was read last
  absl::Status ReadBreak(const Words& words) {
    if (spec_.sessions.empty()) return BadLine("break");
    BreakRule pause;
    ASSIGN_OR_RETURN(pause.start, ReadLocalTime(words[1]));
    ASSIGN_OR_RETURN(pause.end, ReadLocalTime(words[2]));
    auto& breaks =
        last_is_special_ ? spec_.special_sessions.back().breaks : spec_.sessions.back().breaks;
    breaks.push_back(pause);
    return absl::OkStatus();
  }

  CalendarSpec spec_;
  bool last_is_special_ = false;
};

// "[DATE, DATE)"
absl::Status ReadDates(const std::string& text, DateRange& dates) {
  if (text.size() != 24 || text.front() != '[' || text.back() != ')') return BadLine(text);
  ASSIGN_OR_RETURN(dates.start, ParseDate("date", text.substr(1, 10)));
  ASSIGN_OR_RETURN(dates.end, ParseDate("date", text.substr(13, 10)));
  return absl::OkStatus();
}

// resolve WINDOW by GRAIN in [DATE, DATE)
// bars TIMEFRAME clock|session of WINDOW in [DATE, DATE)
absl::Status ReadQuestion(const std::string& line, Case& out) {
  const std::pair<std::string, std::string> halves = absl::StrSplit(line, " in ");
  RETURN_IF_ERROR(ReadDates(halves.second, out.dates));
  if (absl::StartsWith(line, "bars ")) {
    const Words words = absl::StrSplit(halves.first, absl::MaxSplits(' ', 4));
    if (words.size() != 5 || words[3] != "of") return BadLine(line);
    ASSIGN_OR_RETURN(out.timeframe, ParseSpan("timeframe", words[1]));
    if (words[2] == "session") out.alignment = BarAlignment::kSession;
    if (words[2] != "session" && words[2] != "clock") return BadLine(words[2]);
    out.window_text = words[4];
  } else {
    const std::pair<std::string, std::string> parts = absl::StrSplit(halves.first, " by ");
    const auto grain = ParseGrain(parts.second);
    if (!grain) return BadLine(parts.second);
    out.grain = *grain;
    out.window_text = parts.first.substr(std::string_view("resolve ").size());
  }
  ASSIGN_OR_RETURN(out.window, ParseWindow(out.window_text));
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
      spec_.emplace(words[1]);
      return absl::OkStatus();
    }
    if (words[0] != "resolve" && words[0] != "bars") return BadLine(words[0]);
    if (spec_) {
      ASSIGN_OR_RETURN(calendar_, Calendar::Create(spec_->TakeSpec(), 1));
      spec_.reset();
    }
    Case next;
    next.line = number;
    next.calendar = calendar_;
    RETURN_IF_ERROR(ReadQuestion(line, next));
    cases_.push_back(std::move(next));
    return absl::OkStatus();
  }

  std::vector<Case> TakeCases() { return std::move(cases_); }

 private:
  absl::Status ReadIndented(const std::string& line, const Words& words) {
    if (spec_) return spec_->Read(words);
    if (cases_.empty()) return BadLine("a table without a question");
    if (!absl::StartsWith(line, "  bucket start") && !absl::StartsWith(line, "  bar start"))
      cases_.back().table.push_back(line.substr(2));
    return absl::OkStatus();
  }

  std::optional<SpecReader> spec_;  // of the calendar block that is being read
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
