// Fields of messages, serialised one by one: replies are put together out of metrics that were
// serialised when they changed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry::api {

// A text, or an embedded message that is serialised already.
void AppendField(int field, std::string_view bytes, std::string& reply);
void AppendField(int field, double value, std::string& reply);
// A positive number.
void AppendField(int field, size_t value, std::string& reply);

// The metric that readers are served, as field 1 of a message.
void AppendMetric(const CatalogEntry& entry, std::string& reply);
// Its size there, at least.
size_t EncodedBytes(const CatalogEntry& entry);

}  // namespace metricstore::registry::api
