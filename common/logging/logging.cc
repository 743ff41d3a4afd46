#include "common/logging/logging.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <mutex>

#include "absl/time/clock.h"
#include "common/logging/line.h"

namespace metricstore::logging {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Never destroyed: threads may log until the process ends.
struct Output {
  spdlog::logger logger{"json", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::mutex mutex;
  std::string service = "metricstore";  // guarded by mutex

  Output() {
    logger.set_pattern("%v");
    logger.flush_on(spdlog::level::trace);
  }
  std::string ServiceName() {
    std::lock_guard lock(mutex);
    return service;
  }
};

Output& TheOutput() {
  static Output* const output = new Output;
  return *output;
}

}  // namespace

void Configure(std::string_view service, Level lowest) {
  Output& output = TheOutput();
  std::lock_guard lock(output.mutex);
  output.service = std::string(service);
  output.logger.set_level(ToSpdlog(lowest));
}

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  Output& output = TheOutput();
  const auto spdlog_level = ToSpdlog(level);
  if (!output.logger.should_log(spdlog_level)) return;
  const std::string line = FormatLine(absl::Now(), level, output.ServiceName(), message, fields);
  output.logger.log(spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace metricstore::logging
