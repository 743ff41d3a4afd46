// One spelling for every tree.
#pragma once

#include <string>

#include "common/expression/node.h"

namespace metricstore::expression {

// Parses back, over the same schema, to an equal tree.
std::string CanonicalText(const Node& root);

}  // namespace metricstore::expression
