// A private PostgreSQL cluster for one test process.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace metricstore::testing {

// Starts a cluster in its own folder, on a unix socket only, without fsync; works as root by
// running the server as an unprivileged user. A failure to start ends the test process with the
// server's log. Stopped by process id and removed on destruction. The server also ends with the
// thread that started it: construct it on the main thread, where test bodies run. CreateDatabase is
// thread-safe, the rest is not.
class TempPostgres {
 public:
  TempPostgres();
  ~TempPostgres();
  TempPostgres(const TempPostgres&) = delete;
  TempPostgres& operator=(const TempPostgres&) = delete;

  // The cluster that all tests of this process share: started when first asked for, removed at
  // exit. Tests that stop the server make one of their own.
  static TempPostgres& Shared();

  // Conninfo of a fresh database on which all files of $METRICSTORE_SOURCE_DIR/migrations have been
  // applied (once a cluster: later databases are clones).
  std::string CreateDatabase();
  // Conninfo of a fresh database without anything in it.
  std::string CreateEmptyDatabase();
  // Conninfo of the superuser's maintenance database.
  std::string AdminConninfo() const;

  // Stops the server in good order, or at once as a crash would (SIGQUIT); starts it again.
  void Stop(bool crash = false);
  void Start();
  bool running() const { return server_ > 0; }

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::string Conninfo(const std::string& database) const;
  std::string CreateFrom(const std::string& source);
  // `program` of PostgreSQL with `arguments`, run as the user that may run the server.
  std::vector<std::string> ServerCommand(const std::string& program,
                                         const std::vector<std::string>& arguments) const;
  void InitializeCluster();
  void AwaitStart();

  std::filesystem::path folder_;
  pid_t server_ = -1;
  std::mutex mutex_;  // of the two below
  int databases_ = 0;
  bool template_ready_ = false;
};

}  // namespace metricstore::testing
