#include "cli/messages/finding_text.h"

#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "cli/output/plain_text.h"

namespace metricstore::cli {
namespace {

using registry::v1::Finding;

// Messages may ask already; and a near duplicate is no typing error.
bool MayAsk(const Finding& finding) {
  return !finding.suggestion().empty() && finding.reason() != "NEAR_DUPLICATE" &&
         finding.message().find("did you mean") == std::string::npos;
}

// Many messages name the field themselves.
bool BeginsWithField(const Finding& finding) {
  const std::string& message = finding.message();
  const size_t size = finding.field().size();
  return message.starts_with(finding.field()) && message.size() > size &&
         (message[size] == ':' || message[size] == ' ');
}

}  // namespace

std::string FindingText(const registry::v1::DefinitionReport& report, const Finding& finding) {
  std::string text = report.path().empty() ? report.name() : report.path();
  if (finding.line() > 0) text += Concat(":", finding.line());
  if (!finding.field().empty() && !BeginsWithField(finding)) text += " " + finding.field();
  text += Concat(": ", finding.message());
  if (!finding.reason().empty()) text += Concat(" (", finding.reason(), ")");
  if (MayAsk(finding)) text += Concat(", did you mean ", Quoted(finding.suggestion()), "?");
  return OneLine(text);
}

void PrintFindings(const registry::v1::DefinitionReport& report, const std::string& indent,
                   std::ostream& out) {
  for (const Finding& finding : report.findings()) {
    out << indent << (finding.severity() == Finding::SEVERITY_ERROR ? "error: " : "warning: ")
        << FindingText(report, finding) << '\n';
  }
}

}  // namespace metricstore::cli
