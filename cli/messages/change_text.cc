#include "cli/messages/change_text.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/output/concat.h"
#include "cli/output/plain_text.h"

namespace metricstore::cli {
namespace {

using registry::v1::FieldChange;

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string Painted(std::string_view colour, const std::string& text, bool coloured) {
  return coloured ? Concat(colour, text, kPlain) : text;
}

std::string Marks(const FieldChange& change) {
  std::vector<std::string> marks;
  if (change.breaking()) marks.emplace_back("BREAKING");
  if (change.changes_meaning()) marks.emplace_back("makes a version");
  std::string text = absl::StrJoin(marks, ", ");
  if (!change.reason().empty()) {
    text += Concat(text.empty() ? "(" : ": ", OneLine(change.reason()), text.empty() ? ")" : "");
  }
  return text;
}

}  // namespace

void PrintChanges(const FieldChanges& changes, const std::string& indent, bool coloured,
                  std::ostream& out) {
  for (const FieldChange& change : changes) {
    const std::string marks = Marks(change);
    const std::string title = Concat(OneLine(change.field()), marks.empty() ? "" : "  ", marks);
    out << indent << (change.breaking() ? Painted(kBold, title, coloured) : title) << '\n';
    for (const std::string& line : PlainLines(change.before())) {
      out << indent << "  " << Painted(kRed, "- " + line, coloured) << '\n';
    }
    for (const std::string& line : PlainLines(change.after())) {
      out << indent << "  " << Painted(kGreen, "+ " + line, coloured) << '\n';
    }
  }
}

std::string ChangedFieldsText(const FieldChanges& changes) {
  return absl::StrJoin(changes, ", ", [](std::string* out, const FieldChange& change) {
    out->append(change.field()).append(change.breaking() ? "!" : "");
  });
}

Table ChangeTable(const FieldChanges& changes) {
  Table table{{{"field"},
               {"before"},
               {"after"},
               {"changes_meaning", false, true},
               {"breaking", false, true},
               {"reason"}},
              {}};
  for (const FieldChange& change : changes) {
    table.rows.push_back({change.field(), change.before(), change.after(),
                          change.changes_meaning() ? "yes" : "no", change.breaking() ? "yes" : "no",
                          change.reason()});
  }
  return table;
}

}  // namespace metricstore::cli
