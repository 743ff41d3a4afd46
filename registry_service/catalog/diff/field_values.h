// Values of fields as YAML shows them, for people who compare two of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/window.h"
#include "registry_service/catalog/definition/field_change.h"

namespace metricstore::registry {

// At most so many bytes of a value are shown.
inline constexpr size_t kMaxShownBytes = 200;

// A text inside a flow list or mapping: as it is, or in double quotes where YAML wants them.
std::string FlowText(std::string_view text);
// "[a, b]"; "" for an empty list.
std::string FlowList(const std::vector<std::string>& texts);
// "rth", "10:00-11:30 of rth"; "" for full_day, the default.
std::string WindowValue(const calendar::Window& window);
// "1.5", "30": the shortest text that reads back as the number.
std::string NumberValue(double value);

// The changes of one definition, in the order in which they are added.
class ChangeList {
 public:
  // What a change of the field means, and why.
  struct Effect {
    bool changes_meaning = false;
    bool breaking = false;
    std::string reason = "";
  };

  // Adds the field unless both values are the same. Long values are cut to kMaxShownBytes, so that
  // the first difference is among what is left.
  void Add(std::string field, const std::string& before, const std::string& after,
           const Effect& effect);
  void Add(std::string field, const std::string& before, const std::string& after) {
    Add(std::move(field), before, after, Effect{});
  }
  // Adds a list: both in whole where they are short, else the elements that only one of them has.
  void AddList(std::string field, const std::vector<std::string>& before,
               const std::vector<std::string>& after, const Effect& effect);
  // Adds the elements that only one of the lists has, a line each; none if they have the same.
  void AddElements(std::string field, std::vector<std::string> before,
                   std::vector<std::string> after, const Effect& effect);

  std::vector<FieldChange> Take() { return std::move(changes_); }

 private:
  std::vector<FieldChange> changes_;
};

}  // namespace metricstore::registry
