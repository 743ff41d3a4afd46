// The files of a starter folder, put into the program when it is built.
#pragma once

#include <string_view>
#include <vector>

namespace metricstore::cli {

struct StarterFile {
  std::string_view path;  // in the folder to be written
  std::string_view content;
};

// The same ones always, in the order in which they are to be read.
const std::vector<StarterFile>& StarterFiles();

}  // namespace metricstore::cli
