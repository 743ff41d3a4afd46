// Windows as part of YAML definitions.
#pragma once

#include "common/calendar/window.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {

// Reads the key `window`: a name or a mapping; all rows where it is missing. Faults go to the
// mapping's source: DEFINITION_INVALID.
calendar::Window ReadWindow(YamlMapping& parent);

}  // namespace metricstore::registry
