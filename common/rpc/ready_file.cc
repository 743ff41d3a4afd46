#include "common/rpc/ready_file.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace metricstore::rpc {

absl::Status WriteReadyFile(const std::string& path, int grpc_port, int metrics_port) {
  const std::string unfinished = absl::StrCat(path, ".", getpid());
  {
    std::ofstream file(unfinished, std::ios::trunc);
    file << "{\"grpc\": " << grpc_port << ", \"metrics\": " << metrics_port
         << ", \"pid\": " << getpid() << "}\n";
    file.flush();
    if (!file) {
      return absl::FailedPreconditionError(absl::StrCat("cannot write ready_file ", unfinished));
    }
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("cannot rename to ready_file ", path));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::rpc
