#include "registry_service/catalog/view/catalog_cache.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "registry_service/catalog/view/catalog_look.h"

namespace metricstore::registry {
namespace {

// A look of the thread that takes longer is given up: the next one may find a server that answers.
constexpr absl::Duration kLongestLook = absl::Seconds(5);

// Whether the caller who looked gave up, which says nothing about the database.
bool GivenUp(const absl::Status& status) {
  return status.code() == absl::StatusCode::kCancelled ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

// What a look read is destroyed after the lock that guards it is gone: freeing thousands of metrics
// takes a while.
using Discarded = std::vector<CatalogSnapshotPtr>;

}  // namespace

// Looks are numbered and follow each other; one covers the projects that are known when it starts.
// Whoever needs one and finds none running does it, the others wait for it.
struct CatalogCache::State {
  struct Project {
    std::shared_ptr<const CatalogSnapshot> snapshot;
    absl::Time verified = absl::InfinitePast();  // when the last look started that saw it so
    int64_t verified_by = 0;                     // number of that look
    absl::Status failure;                        // of the last look that failed
    int64_t failed_by = 0;                       // number of that look
    absl::Time read_at;
  };

  State(pg::Pool& p, Options o, Encoder e, const Clock& c)
      : pool(p), options(o), encoder(std::move(e)), clock(c) {}

  bool Young(const Project& project, absl::Time now) const {
    const absl::Duration age = now - project.verified;
    // A clock that was set back makes snapshots of the future: their age is unknown.
    return project.snapshot != nullptr && age >= absl::ZeroDuration() && age <= options.oldest;
  }
  Project& Touch(int32_t project_id);
  void Forget(absl::Time now, Discarded& discarded);
  void Publish(int64_t look, absl::Time start, const KnownSnapshots& known,
               absl::StatusOr<LookedUpSnapshots> found, Discarded& discarded);
  // Looks at everything. `lock` is held before and after, but not meanwhile.
  void Look(std::unique_lock<std::mutex>& lock, const CallBounds& bounds);
  absl::StatusOr<std::shared_ptr<const CatalogSnapshot>> Await(int32_t project_id,
                                                               bool young_will_do,
                                                               const CallBounds& bounds);
  void WaitForLook(std::unique_lock<std::mutex>& lock, const CallBounds& bounds);
  void RunThread();

  pg::Pool& pool;
  const Options options;
  const Encoder encoder;
  const Clock& clock;

  mutable std::mutex mutex;  // of all below
  std::condition_variable looked;
  std::map<int32_t, Project> projects;
  bool looking = false;
  int64_t started = 0;  // looks
  bool stopping = false;
  std::condition_variable stop;
  CancelToken stop_token;
  std::thread thread;
};

CatalogCache::State::Project& CatalogCache::State::Touch(int32_t project_id) {
  Project& project = projects[project_id];
  project.read_at = clock.Now();
  return project;
}

void CatalogCache::State::Forget(absl::Time now, Discarded& discarded) {
  std::erase_if(projects, [&](auto& entry) {
    if (now - entry.second.read_at <= options.forget_after) return false;
    discarded.push_back(std::move(entry.second.snapshot));
    return true;
  });
}

void CatalogCache::State::Publish(int64_t look, absl::Time start, const KnownSnapshots& known,
                                  absl::StatusOr<LookedUpSnapshots> found, Discarded& discarded) {
  for (const auto& [id, before] : known) {
    Project& project = projects[id];
    absl::StatusOr<CatalogSnapshotPtr> now =
        found.ok() ? std::move(found->at(id)) : absl::StatusOr<CatalogSnapshotPtr>(found.status());
    if (now.ok()) {
      discarded.push_back(std::exchange(project.snapshot, *std::move(now)));
      project.verified = start;
      project.verified_by = look;
    } else if (!GivenUp(now.status())) {
      project.failure = now.status();
      project.failed_by = look;
    }
  }
}

void CatalogCache::State::Look(std::unique_lock<std::mutex>& lock, const CallBounds& bounds) {
  looking = true;
  const int64_t number = ++started;
  const absl::Time start = clock.Now();
  Discarded discarded;
  Forget(start, discarded);
  KnownSnapshots known;
  for (const auto& [id, project] : projects) known.emplace(id, project.snapshot);
  lock.unlock();
  discarded.clear();
  auto found = LookAt(pool, known, encoder, bounds);
  if (options.on_look != nullptr) options.on_look(found.status());
  lock.lock();
  Publish(number, start, known, std::move(found), discarded);
  looking = false;
  looked.notify_all();
  lock.unlock();
  known.clear();
  discarded.clear();
  lock.lock();
}

void CatalogCache::State::WaitForLook(std::unique_lock<std::mutex>& lock,
                                      const CallBounds& bounds) {
  const int64_t number = started;
  const auto over = [&] { return !looking || started != number || !bounds.Check().ok(); };
  if (bounds.deadline == absl::InfiniteFuture()) {
    looked.wait(lock, over);
  } else {
    looked.wait_until(lock, absl::ToChronoTime(bounds.deadline), over);
  }
}

absl::StatusOr<std::shared_ptr<const CatalogSnapshot>> CatalogCache::State::Await(
    int32_t project_id, bool young_will_do, const CallBounds& bounds) {
  // Declared before the lock, so that it is dropped after it: the callback takes the lock.
  const CancelToken::Registration wake = bounds.cancel.OnCancel([this] {
    { std::lock_guard lock(mutex); }
    looked.notify_all();
  });
  std::unique_lock lock(mutex);
  // A look that starts from now on sees all that was committed before the call.
  const int64_t needed = started + 1;
  // One failure answers all who waited for it; who asks for less than a new look may wait for the
  // one that is running.
  const int64_t failure_counts_from = looking && young_will_do ? started : needed;
  while (true) {
    const Project& project = Touch(project_id);
    if (project.verified_by >= needed) return project.snapshot;
    if (young_will_do && Young(project, clock.Now())) return project.snapshot;
    if (project.failed_by >= failure_counts_from) return project.failure;
    RETURN_IF_ERROR(bounds.Check());
    if (looking) {
      WaitForLook(lock, bounds);
    } else {
      Look(lock, bounds);
    }
  }
}

void CatalogCache::State::RunThread() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    if (!looking && !projects.empty()) {
      const CallBounds bounds{.deadline = absl::Now() + kLongestLook, .cancel = stop_token};
      Look(lock, bounds);
    }
    stop.wait_for(lock, absl::ToChronoNanoseconds(options.look_every), [&] { return stopping; });
  }
}

CatalogCache::CatalogCache(pg::Pool& pool, Options options, Encoder encoder, const Clock& clock)
    : state_(std::make_unique<State>(pool, options, std::move(encoder), clock)) {}

CatalogCache::~CatalogCache() { Stop(); }

std::shared_ptr<const CatalogSnapshot> CatalogCache::Peek(int32_t project_id) const {
  const absl::Time now = state_->clock.Now();
  std::lock_guard lock(state_->mutex);
  const auto found = state_->projects.find(project_id);
  if (found == state_->projects.end()) return nullptr;
  found->second.read_at = now;
  return state_->Young(found->second, now) ? found->second.snapshot : nullptr;
}

absl::StatusOr<std::shared_ptr<const CatalogSnapshot>> CatalogCache::Get(int32_t project_id,
                                                                         const CallBounds& bounds) {
  if (auto snapshot = Peek(project_id); snapshot != nullptr) return snapshot;
  return state_->Await(project_id, true, bounds);
}

absl::StatusOr<std::shared_ptr<const CatalogSnapshot>> CatalogCache::Refresh(
    int32_t project_id, const CallBounds& bounds) {
  return state_->Await(project_id, false, bounds);
}

CatalogCache::Holding CatalogCache::Held() const {
  const absl::Time now = state_->clock.Now();
  std::lock_guard lock(state_->mutex);
  Holding held;
  for (const auto& [id, project] : state_->projects) {
    if (project.snapshot == nullptr) continue;
    held.age = std::max(held.age, now - project.verified);
    held.metrics += project.snapshot->All().size();
  }
  return held;
}

void CatalogCache::Start() {
  if (state_->thread.joinable()) return;
  state_->stopping = false;
  state_->stop_token = CancelToken();
  state_->thread = std::thread([state = state_.get()] { state->RunThread(); });
}

void CatalogCache::Stop() {
  if (!state_->thread.joinable()) return;
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->stop_token.Cancel();
  state_->stop.notify_all();
  state_->thread.join();
}

}  // namespace metricstore::registry
