#include "registry_service/api/request/page_request.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/request_text.h"

namespace metricstore::registry::api {

absl::StatusOr<PageRequest> ReadPageRequest(std::string_view scope, int32_t page_size,
                                            std::string_view page_token, int32_t usual,
                                            int32_t largest) {
  if (page_size < 0 || page_size > largest) {
    return status::FieldInvalid("page_size", absl::StrCat(page_size),
                                absl::StrCat("must be 1 to ", largest, ", or 0 for ", usual));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, rpc::DecodePageToken(scope, page_token));
  PageRequest page;
  page.size = page_size == 0 ? usual : page_size;
  if (!keys.empty()) page.after = keys.front();
  RETURN_IF_ERROR(CheckText("page_token", page.after));
  return page;
}

}  // namespace metricstore::registry::api
