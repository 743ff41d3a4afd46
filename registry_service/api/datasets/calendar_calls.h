// What calendars say of dates: their sessions, and the instants that windows show.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/dataset_service.pb.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class CalendarCalls {
 public:
  CalendarCalls(Projects& projects, CalendarStore& calendars)
      : projects_(projects), calendars_(calendars) {}

  absl::Status ListSessions(const rpc::CallContext& call, const v1::ListSessionsRequest& request,
                            v1::ListSessionsResponse& response) const;
  absl::Status ResolveWindow(const rpc::CallContext& call, const v1::ResolveWindowRequest& request,
                             v1::ResolveWindowResponse& response) const;

 private:
  // The calendar that a request names, in the version that its first page was of.
  absl::StatusOr<std::shared_ptr<const calendar::Calendar>> Find(const rpc::CallContext& call,
                                                                 const std::string& project,
                                                                 const std::string& name,
                                                                 int32_t version) const;

  Projects& projects_;
  CalendarStore& calendars_;
};

}  // namespace metricstore::registry
