#include "cli/output/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/output/concat.h"

namespace metricstore::cli {
namespace {

constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
constexpr char kClearLine[] = "\r\x1b[K";

std::string PercentText(double fraction) {
  const std::string percent = std::to_string(static_cast<int>(std::floor(fraction * 100)));
  return std::string(3 - std::min<size_t>(3, percent.size()), ' ') + percent + "%";
}

}  // namespace

std::string RenderProgress(const Progress& progress, int width) {
  constexpr int kMinBar = 10;
  constexpr int kMaxBar = 30;
  if (!progress.fraction.has_value()) {
    return Concat(progress.label, "  ", progress.detail).substr(0, std::max(width, 1));
  }
  const double fraction = std::clamp(*progress.fraction, 0.0, 1.0);
  const std::string tail = Concat(" ", PercentText(fraction), "  ", progress.detail);
  const int room = width - static_cast<int>(progress.label.size() + tail.size()) - 3;
  const int bar = std::clamp(room, kMinBar, kMaxBar);
  const int filled = static_cast<int>(fraction * bar);
  std::string line = Concat(progress.label, " [", std::string(filled, '#'),
                            std::string(bar - filled, '-'), "]", tail);
  if (line.size() > static_cast<size_t>(std::max(width, 1))) line.resize(std::max(width, 1));
  return line;
}

ProgressBar::ProgressBar(Terminal& terminal, const Clock& clock,
                         std::optional<absl::Duration> plain_interval)
    : terminal_(terminal),
      clock_(clock),
      plain_interval_(plain_interval),
      last_(terminal.err_is_terminal ? absl::InfinitePast() : clock.Now()) {}

ProgressBar::~ProgressBar() { Clear(); }

void ProgressBar::Show(const Progress& progress) {
  if (!terminal_.err_is_terminal) return ShowPlain(progress);
  const absl::Time now = clock_.Now();
  if (now - last_ < kRedrawInterval) return;
  last_ = now;
  // The last place of a line makes some terminals wrap.
  terminal_.err << kClearLine << RenderProgress(progress, terminal_.width - 1) << std::flush;
  shown_ = true;
}

void ProgressBar::ShowPlain(const Progress& progress) {
  if (!plain_interval_.has_value()) return;
  const absl::Time now = clock_.Now();
  if (now - last_ < *plain_interval_) return;
  last_ = now;
  const std::string percent =
      progress.fraction.has_value() ? PercentText(std::clamp(*progress.fraction, 0.0, 1.0)) : "";
  terminal_.err << progress.label << ":" << percent << (percent.empty() ? " " : "  ")
                << progress.detail << std::endl;
}

void ProgressBar::Clear() {
  if (!shown_) return;
  terminal_.err << kClearLine << std::flush;
  shown_ = false;
  last_ = absl::InfinitePast();
}

BusyLine::BusyLine(Terminal& terminal, std::string text, absl::Duration patience,
                   std::string waiting)
    : terminal_(terminal), text_(std::move(text)), waiting_(std::move(waiting)) {
  Show();
  thread_ = std::thread([this, patience] { WaitForEnd(patience); });
}

BusyLine::~BusyLine() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (terminal_.err_is_terminal) terminal_.err << kClearLine << std::flush;
}

void BusyLine::WaitForEnd(absl::Duration patience) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this] { return ended_; })) {
    return;
  }
  terminal_.err << (terminal_.err_is_terminal ? kClearLine : "") << waiting_ << std::endl;
  Show();
}

void BusyLine::Show() {
  if (terminal_.err_is_terminal) terminal_.err << text_ << "..." << std::flush;
}

}  // namespace metricstore::cli
