#include "cli/definitions/definition_text.h"

#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "cli/output/plain_text.h"

namespace metricstore::cli {

using registry::v1::DefinitionReport;
using registry::v1::Finding;
using registry::v1::ImportOutcome;

std::string FindingText(const DefinitionReport& report, const Finding& finding) {
  std::string text = report.path().empty() ? report.name() : report.path();
  if (finding.line() > 0) text += Concat(":", finding.line());
  if (!finding.field().empty()) text += " " + finding.field();
  text += Concat(": ", finding.message());
  if (!finding.reason().empty()) text += Concat(" (", finding.reason(), ")");
  if (!finding.suggestion().empty()) {
    text += Concat(", did you mean ", Quoted(finding.suggestion()), "?");
  }
  return OneLine(text);
}

void OutcomeCount::Add(const ImportOutcome& outcome) {
  switch (outcome.action()) {
    case ImportOutcome::ACTION_CREATED:
      ++created;
      break;
    case ImportOutcome::ACTION_CHANGED:
      ++changed;
      break;
    case ImportOutcome::ACTION_RESTORED:
      ++restored;
      break;
    default:
      ++unchanged;
  }
}

std::string OutcomeCount::Text() const {
  return Concat(FormatCount(created), " created, ", FormatCount(changed), " changed, ",
                restored > 0 ? Concat(FormatCount(restored), " restored, ") : "",
                FormatCount(unchanged), " unchanged");
}

}  // namespace metricstore::cli
