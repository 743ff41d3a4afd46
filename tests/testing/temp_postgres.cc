#include "tests/testing/temp_postgres.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/direct_connection.h"
#include "common/pg/statement.h"
#include "registry_service/migrator/migrations.h"
#include "registry_service/migrator/migrator.h"

extern char** environ;

namespace metricstore::testing {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr size_t kLongestSocketFolder = 80;  // sockaddr_un holds 107 bytes with the file's name
constexpr char kTemplate[] = "metricstore_template";

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "TempPostgres: %s\n", message.c_str());
  std::exit(1);  // not abort: the cluster is to be removed
}

void DieUnlessOk(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::filesystem::path ProgramFolder() {
  for (const char* folder : {"/usr/lib/postgresql/15/bin", "/usr/local/pgsql/bin", "/usr/bin"}) {
    if (std::filesystem::exists(std::filesystem::path(folder) / "initdb")) return folder;
  }
  Die("initdb of PostgreSQL 15 is not installed");
}

// initdb and postgres refuse to run as root.
const passwd* ServerUser() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

std::filesystem::path MakeFolder() {
  const char* parent = std::getenv("TMPDIR");
  std::string path = absl::StrCat(parent == nullptr ? "/tmp" : parent, "/mspg-XXXXXX");
  if (path.size() > kLongestSocketFolder) path = "/tmp/mspg-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) Die("cannot make " + path);
  if (const passwd* user = ServerUser()) {
    if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) Die("cannot chown " + path);
  }
  // Clients that run as another user need the socket in it.
  if (::chmod(path.c_str(), 0711) != 0) Die("cannot chmod " + path);
  return path;
}

// Runs `command` with both outputs in `log`; returns its process id.
pid_t Spawn(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = -1;
  const int failure =
      ::posix_spawnp(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failure != 0) Die("cannot run " + command[0]);
  return pid;
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

TempPostgres::TempPostgres() : folder_(MakeFolder()) {
  InitializeCluster();
  Start();
}

TempPostgres::~TempPostgres() {
  if (running()) Stop(/*crash=*/true);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

TempPostgres& TempPostgres::Shared() {
  static TempPostgres cluster;
  return cluster;
}

std::vector<std::string> TempPostgres::ServerCommand(
    const std::string& program, const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {"setpriv"};
  if (const passwd* user = ServerUser()) {
    command.push_back(absl::StrCat("--reuid=", user->pw_uid));
    command.push_back(absl::StrCat("--regid=", user->pw_gid));
    command.push_back("--clear-groups");
  }
  command.push_back("--pdeathsig=QUIT");
  command.push_back(ProgramFolder() / program);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

void TempPostgres::InitializeCluster() {
  const auto log = folder_ / "initdb.log";
  const pid_t pid =
      Spawn(ServerCommand("initdb", {"-D", folder_ / "data", "-U", "metricstore", "-A", "trust",
                                     "-E", "UTF8", "--no-locale", "--no-sync"}),
            log);
  if (WaitFor(pid) != 0) Die("initdb failed:\n" + Contents(log));
}

void TempPostgres::Start() {
  const std::vector<std::string> settings = {
      "listen_addresses=",
      absl::StrCat("unix_socket_directories=", folder_.string()),
      "unix_socket_permissions=0777",
      "fsync=off",
      "synchronous_commit=off",
      "full_page_writes=off",
      "shared_buffers=32MB",
      "max_connections=60",
      "autovacuum=off",
      "max_wal_size=1GB",
      "log_statement=none"};
  std::vector<std::string> arguments = {"-D", folder_ / "data"};
  for (const std::string& setting : settings) {
    arguments.push_back("-c");
    arguments.push_back(setting);
  }
  server_ = Spawn(ServerCommand("postgres", arguments), folder_ / "server.log");
  AwaitStart();
}

void TempPostgres::AwaitStart() {
  const absl::Time give_up_at = absl::Now() + kStartLimit;
  while (!pg::DirectConnection::Open(AdminConninfo(), "temp_postgres").ok()) {
    const bool ended = ::waitpid(server_, nullptr, WNOHANG) == server_;
    if (ended || absl::Now() > give_up_at) {
      Die("the server does not start:\n" + Contents(folder_ / "server.log"));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void TempPostgres::Stop(bool crash) {
  ::kill(server_, crash ? SIGQUIT : SIGINT);
  WaitFor(server_);
  server_ = -1;
}

std::string TempPostgres::Conninfo(const std::string& database) const {
  return absl::StrCat("host=", folder_.string(), " user=metricstore dbname=", database);
}

std::string TempPostgres::AdminConninfo() const { return Conninfo("postgres"); }

std::string TempPostgres::CreateFrom(const std::string& source) {
  const std::string name = absl::StrCat("test_", ++databases_);
  auto connection = pg::DirectConnection::Open(AdminConninfo(), "temp_postgres");
  DieUnlessOk(connection.status());
  DieUnlessOk((*connection)
                  ->Execute("create database",
                            absl::StrCat("CREATE DATABASE ", name, " TEMPLATE ", source)));
  return Conninfo(name);
}

std::string TempPostgres::CreateEmptyDatabase() {
  std::lock_guard lock(mutex_);
  return CreateFrom("template0");
}

std::string TempPostgres::CreateDatabase() {
  std::lock_guard lock(mutex_);
  if (!template_ready_) {
    const char* source = std::getenv("METRICSTORE_SOURCE_DIR");
    if (source == nullptr) Die("METRICSTORE_SOURCE_DIR is not set; run the test by ctest");
    auto connection = pg::DirectConnection::Open(AdminConninfo(), "temp_postgres");
    DieUnlessOk(connection.status());
    DieUnlessOk(
        (*connection)->Execute("create template", absl::StrCat("CREATE DATABASE ", kTemplate)));
    const auto files = registry::ReadMigrations(std::filesystem::path(source) / "migrations");
    DieUnlessOk(files.status());
    auto migrator = registry::Migrator::Connect({.connection_string = Conninfo(kTemplate)});
    DieUnlessOk(migrator.status());
    DieUnlessOk((*migrator)->Apply(*files).status());
    template_ready_ = true;
  }
  return CreateFrom(kTemplate);
}

}  // namespace metricstore::testing
