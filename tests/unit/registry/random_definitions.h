// Random definitions, with texts that a careless writer gives back as something else.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/calendar/calendar_spec.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/definition/text_form.h"
#include "registry_service/catalog/yaml/column_notes.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Of one line and of several, some with white space around them.
const std::vector<std::string>& NastyTexts();

// Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(engine_); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename Element>
  const Element& Of(const std::vector<Element>& elements) {
    return elements[Below(static_cast<int>(elements.size()))];
  }

  // Any text without a defect; it may be empty and have white space around.
  std::string AnyText() {
    if (Chance(40)) return Of(NastyTexts());
    static const auto* const pieces = new std::vector<std::string>{" ",
                                                                   "  ",
                                                                   "\n",
                                                                   "\t",
                                                                   ":",
                                                                   ": ",
                                                                   "#",
                                                                   " #",
                                                                   "'",
                                                                   "\"",
                                                                   "\\",
                                                                   "-",
                                                                   "- ",
                                                                   "?",
                                                                   "[",
                                                                   "]",
                                                                   "{",
                                                                   "}",
                                                                   ",",
                                                                   "&",
                                                                   "*",
                                                                   "!",
                                                                   "|",
                                                                   ">",
                                                                   "%",
                                                                   "@",
                                                                   "`",
                                                                   "~",
                                                                   "=",
                                                                   "0",
                                                                   "9",
                                                                   "a",
                                                                   "Z",
                                                                   "_",
                                                                   ".",
                                                                   "\xC3\xA9",
                                                                   "\xE2\x80\xA8",
                                                                   "\xF0\x9F\x98\x80",
                                                                   "\xC2\xA0",
                                                                   "\xEF\xBB\xBF"};
    std::string text;
    for (int i = Below(24); i > 0; --i) {
      text += Chance(15) ? Of(NastyTexts()) : Of(*pieces);
      if (text.size() > 4'000) break;
    }
    return text;
  }

  std::string Text() {
    std::string text;
    while (text.empty()) text = NormalText(AnyText());
    return text;
  }
  std::string MaybeText() { return Chance(50) ? Text() : ""; }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (int i = Chance(50) ? Below(5) : 0; i > 0; --i) texts.push_back(Text());
    return texts;
  }
  std::string Name(std::string_view first = "abcdefghijklmnopqrstuvwxyz") {
    static constexpr std::string_view kRest = "abcnoyexf0123456789_";
    std::string name(1, first[Below(static_cast<int>(first.size()))]);
    for (int i = Below(6); i > 0; --i) name += kRest[Below(static_cast<int>(kRest.size()))];
    return name;
  }
  std::string MetricName() { return Name("abcdefghijklmnopqrstuvwxyz0123456789"); }
  double Number() {
    if (Chance(30)) return Below(1'000) - 500;
    double number = 0;
    do {
      const uint64_t bits = engine_();
      static_assert(sizeof(bits) == sizeof(number));
      std::memcpy(&number, &bits, sizeof(number));
    } while (!std::isfinite(number));
    return number;
  }
  absl::Duration Span() { return absl::Seconds(1 + Below(86'400)); }

 private:
  std::mt19937_64 engine_;
};

// Valid as far as a definition shows by itself.
MetricDefinition AnyMetric(Random& random);
Dataset AnyDataset(Random& random);
ColumnNotes AnyNotes(Random& random);
// Of the form that files give; its sessions may be senseless.
calendar::CalendarSpec AnyCalendar(Random& random);

}  // namespace metricstore::registry
