#include "cli/output/question.h"

#include "absl/strings/ascii.h"
#include "cli/output/error_printer.h"

namespace metricstore::cli {

absl::StatusOr<bool> Confirm(Terminal& terminal, const std::string& question,
                             const std::string& without_terminal) {
  if (!terminal.in_is_terminal || terminal.in == nullptr) {
    return WithHint(UsageError("nobody can be asked: standard input is not a terminal"),
                    without_terminal);
  }
  terminal.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(*terminal.in, answer);
  answer = absl::AsciiStrToLower(std::string(absl::StripAsciiWhitespace(answer)));
  return answer == "y" || answer == "yes";
}

}  // namespace metricstore::cli
