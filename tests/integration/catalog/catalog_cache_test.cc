// Snapshots in memory, coherent with the database and with other replicas.
#include "registry_service/catalog/view/catalog_cache.h"

#include <atomic>
#include <future>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::IsEmpty;

constexpr char kLook[] = "select_catalog_revisions";

// Lets a thread wait for another without a sleep.
template <typename Condition>
bool Eventually(Condition condition) {
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (absl::Now() < end) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return false;
}

class CatalogCacheTest : public CatalogTest {
 protected:
  CatalogCacheTest() : cache_pool_(CountingOptions(8)) { EXPECT_OK(Import(BaseFiles())); }

  pg::PoolOptions CountingOptions(int connections) {
    pg::PoolOptions options;
    options.connection_string = conninfo_;
    options.max_connections = connections;
    options.on_statement = [this](std::string_view name, absl::Duration, const absl::Status&) {
      if (name == kLook) ++looks_;
    };
    return options;
  }

  CatalogCache NewCache() { return CatalogCache(cache_pool_, {}, nullptr, clock_); }

  void Describe(const std::string& words) {
    EXPECT_OK(Import({Edited(OpeningFile(), "Price of the first trade.", words)}));
  }

  static std::string Description(const absl::StatusOr<std::shared_ptr<const CatalogSnapshot>>& s) {
    if (!s.ok()) return s.status().ToString();
    const CatalogEntryPtr entry = (*s)->FindId("price/opening");
    return entry == nullptr ? "none" : entry->active.description;
  }

  std::atomic<int> looks_ = 0;
  pg::Pool cache_pool_;
};

TEST_F(CatalogCacheTest, PeekHasNothingUntilSomebodyReads) {
  CatalogCache cache = NewCache();
  EXPECT_EQ(cache.Peek(project_), nullptr);
  const auto snapshot = cache.Get(project_, {});
  EXPECT_EQ(Description(snapshot), "Price of the first trade.");
  EXPECT_EQ(cache.Peek(project_), *snapshot);
  EXPECT_EQ(looks_, 1);
}

TEST_F(CatalogCacheTest, ServesMemoryForASecondThenLooks) {
  CatalogCache cache = NewCache();
  const auto before = cache.Get(project_, {});
  Describe("New words.");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(cache.Peek(project_), *before);
  EXPECT_EQ(*cache.Get(project_, {}), *before);
  EXPECT_EQ(looks_, 1);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(cache.Peek(project_), nullptr);
  EXPECT_EQ(Description(cache.Get(project_, {})), "New words.");
  EXPECT_EQ(looks_, 2);
  // What is looked up is young again; unchanged, it is the same snapshot.
  const auto after = cache.Peek(project_);
  ASSERT_NE(after, nullptr);
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(*cache.Get(project_, {}), after);
}

TEST_F(CatalogCacheTest, AClockThatIsSetBackMakesMemoryOld) {
  CatalogCache cache = NewCache();
  ASSERT_OK(cache.Get(project_, {}));
  clock_.Advance(absl::Seconds(-5));
  EXPECT_EQ(cache.Peek(project_), nullptr);
  ASSERT_OK(cache.Get(project_, {}));
  EXPECT_NE(cache.Peek(project_), nullptr);
}

TEST_F(CatalogCacheTest, RefreshSeesWhatWasCommittedBeforeIt) {
  CatalogCache cache = NewCache();
  ASSERT_OK(cache.Get(project_, {}));
  Describe("Changed.");
  EXPECT_EQ(Description(cache.Refresh(project_, {})), "Changed.");
  EXPECT_EQ(Description(cache.Get(project_, {})), "Changed.");
}

TEST_F(CatalogCacheTest, ReplicasSeeEachOthersWritesAfterTheirLook) {
  CatalogCache writer = NewCache();
  CatalogCache other = NewCache();
  ASSERT_OK(writer.Get(project_, {}));
  ASSERT_OK(other.Get(project_, {}));
  Describe("Written beside the first replica.");
  EXPECT_EQ(Description(writer.Refresh(project_, {})), "Written beside the first replica.");
  EXPECT_EQ(Description(other.Get(project_, {})), "Price of the first trade.");
  clock_.Advance(absl::Milliseconds(1001));
  EXPECT_EQ(Description(other.Get(project_, {})), "Written beside the first replica.");
}

TEST_F(CatalogCacheTest, AnAnswerIsNeverOlderThanASecond) {
  CatalogCache cache = NewCache();
  std::map<absl::Time, int64_t> revisions;  // committed then
  for (int step = 0; step < 40; ++step) {
    clock_.Advance(absl::Milliseconds(170 + 90 * (step % 9)));
    if (step % 3 == 0) Describe(absl::StrCat("Step ", step, "."));
    revisions[clock_.Now()] = std::stoll(Ask("SELECT catalog_revision::text FROM projects"));
    const auto snapshot = cache.Get(project_, {});
    ASSERT_OK(snapshot);
    auto a_second_ago = revisions.upper_bound(clock_.Now() - absl::Seconds(1));
    if (a_second_ago == revisions.begin()) continue;
    EXPECT_GE((*snapshot)->revision(), std::prev(a_second_ago)->second) << step;
  }
}

TEST_F(CatalogCacheTest, EncodesEachChangedMetricOnce) {
  std::vector<std::string> encoded;
  CatalogCache cache(
      cache_pool_, {},
      [&](const MetricDefinition& metric) {
        encoded.push_back(metric.name);
        return absl::StrCat("<", metric.description, ">");
      },
      clock_);
  DefinitionFile second = Edited(OpeningFile(), "name: opening", "name: second");
  second.path = "metrics/price/second.yaml";
  ASSERT_OK(Import({second}));
  ASSERT_OK(cache.Get(project_, {}));
  EXPECT_THAT(encoded, ::testing::ElementsAre("opening", "second"));
  encoded.clear();
  Describe("Other.");
  const auto snapshot = cache.Refresh(project_, {});
  ASSERT_OK(snapshot);
  EXPECT_THAT(encoded, ::testing::ElementsAre("opening"));
  EXPECT_EQ((*snapshot)->FindId("price/opening")->encoded, "<Other.>");
  EXPECT_EQ((*snapshot)->FindId("price/second")->encoded, "<Price of the first trade.>");
}

TEST_F(CatalogCacheTest, HoldsVersionsThatWaitAndMetricsThatWereDeleted) {
  CatalogCache cache = NewCache();
  ASSERT_OK(cache.Get(project_, {}));
  ASSERT_OK(Import({Edited(OpeningFile(), "first(open)", "last(open)")}));
  auto snapshot = cache.Refresh(project_, {});
  ASSERT_OK(snapshot);
  CatalogEntryPtr entry = (*snapshot)->FindId("price/opening");
  EXPECT_EQ(entry->active.expression, "first(open)");
  ASSERT_NE(entry->pending, nullptr);
  EXPECT_EQ(entry->latest().expression, "last(open)");
  EXPECT_EQ(entry->latest().version, 2);
  EXPECT_EQ(entry->active.latest_version, 2);
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  snapshot = cache.Refresh(project_, {});
  ASSERT_OK(snapshot);
  entry = (*snapshot)->FindId("price/opening");
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->deleted());
  EXPECT_THAT((*snapshot)->Search("opening", ""), IsEmpty());
}

TEST_F(CatalogCacheTest, ProjectsAreApartAndLookedAtTogether) {
  CatalogCache cache = NewCache();
  const int32_t other = AddProject("other");
  ASSERT_OK(cache.Get(project_, {}));
  const auto empty = cache.Get(other, {});
  ASSERT_OK(empty);
  EXPECT_THAT((*empty)->All(), IsEmpty());
  EXPECT_EQ(looks_, 2);
  clock_.Advance(absl::Seconds(2));
  ASSERT_OK(cache.Get(other, {}));
  EXPECT_NE(cache.Peek(project_), nullptr);
  EXPECT_EQ(looks_, 3);
}

TEST_F(CatalogCacheTest, ForgetsProjectsThatNobodyReads) {
  CatalogCache cache = NewCache();
  const int32_t other = AddProject("other");
  const std::weak_ptr<const CatalogSnapshot> snapshot = *cache.Get(project_, {});
  clock_.Advance(absl::Minutes(9));
  ASSERT_OK(cache.Get(other, {}));
  EXPECT_FALSE(snapshot.expired());
  clock_.Advance(absl::Minutes(2));
  ASSERT_OK(cache.Get(other, {}));
  EXPECT_TRUE(snapshot.expired());
  EXPECT_EQ(Description(cache.Get(project_, {})), "Price of the first trade.");
}

TEST_F(CatalogCacheTest, ARevisionThatWentBackIsReadFromScratch) {
  CatalogCache cache = NewCache();
  Describe("Later.");
  ASSERT_OK(cache.Get(project_, {}));
  // As a database that was restored from an earlier state.
  ASSERT_OK(
      Execute("UPDATE metric_definitions SET revision = 1, "
              "definition = jsonb_set(definition, '{description}', '\"Restored.\"')"));
  ASSERT_OK(Execute("UPDATE projects SET catalog_revision = 1"));
  EXPECT_EQ(Description(cache.Refresh(project_, {})), "Restored.");
}

TEST_F(CatalogCacheTest, DamagedRowsFailTheirProjectAlone) {
  CatalogCache cache = NewCache();
  const int32_t other = AddProject("other");
  ASSERT_OK(ImportTo(other, BaseFiles()));
  ASSERT_OK(Execute(absl::StrCat(
      "UPDATE metric_definitions SET definition = '{\"type\": \"odd\"}' WHERE project_id = ",
      other)));
  EXPECT_THAT(cache.Get(other, {}), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_EQ(Description(cache.Get(project_, {})), "Price of the first trade.");
  EXPECT_EQ(cache.Peek(other), nullptr);
}

TEST_F(CatalogCacheTest, ManyColdReadersLookOnce) {
  CatalogCache cache = NewCache();
  std::vector<std::thread> readers;
  for (int i = 0; i < 16; ++i) {
    readers.emplace_back(
        [&] { EXPECT_EQ(Description(cache.Get(project_, {})), "Price of the first trade."); });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(looks_, 1);
}

// A pool whose only connection is taken: looks wait until it is given back.
class BusyPool {
 public:
  explicit BusyPool(pg::PoolOptions options) : pool_(std::move(options)) {
    holder_ = std::thread([this] {
      EXPECT_OK(pool_.Run({}, pg::TransactionMode::kReadOnly, [&](pg::Transaction&) {
        taken_.set_value();
        released_.get_future().wait();
        return absl::OkStatus();
      }));
    });
    taken_.get_future().wait();
  }
  ~BusyPool() { Release(); }
  void Release() {
    if (!holder_.joinable()) return;
    released_.set_value();
    holder_.join();
  }
  pg::Pool& pool() { return pool_; }

 private:
  pg::Pool pool_;
  std::promise<void> taken_, released_;
  std::thread holder_;
};

TEST_F(CatalogCacheTest, WaitingEndsWithTheCallersOwnDeadlineOrCancellation) {
  BusyPool busy(CountingOptions(1));
  CatalogCache cache(busy.pool(), {}, nullptr, clock_);
  auto looker = std::async(std::launch::async, [&] { return cache.Get(project_, {}); });
  EXPECT_THAT(cache.Get(project_, {.deadline = absl::Now() + absl::Milliseconds(30)}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  const CallBounds cancelled;
  auto waiter = std::async(std::launch::async, [&] { return cache.Refresh(project_, cancelled); });
  cancelled.cancel.Cancel();
  EXPECT_THAT(waiter.get(), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
  busy.Release();
  EXPECT_OK(looker.get());
}

TEST_F(CatalogCacheTest, WhoGivesUpDoesNotFailTheOthers) {
  BusyPool busy(CountingOptions(1));
  CatalogCache cache(busy.pool(), {}, nullptr, clock_);
  std::vector<CallBounds> bounds(6);
  std::vector<std::future<absl::StatusOr<std::shared_ptr<const CatalogSnapshot>>>> readers;
  for (const CallBounds& bound : bounds) {
    readers.push_back(std::async(std::launch::async, [&] { return cache.Get(project_, bound); }));
  }
  // One of them looks; whichever it is, the last must be served.
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    bounds[i].cancel.Cancel();
    EXPECT_THAT(readers[i].get(), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
  }
  busy.Release();
  EXPECT_EQ(Description(readers.back().get()), "Price of the first trade.");
}

TEST_F(CatalogCacheTest, RefreshingReadersSeeTheirOwnWrites) {
  CatalogCache cache(cache_pool_, {.look_every = absl::Milliseconds(1)}, nullptr);
  cache.Start();
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int write = 0; write < 25; ++write) {
        int64_t revision = 0;
        EXPECT_OK(pool_.Run(
            {}, pg::TransactionMode::kReadWrite, [&](pg::Transaction& transaction) -> absl::Status {
              ASSIGN_OR_RETURN(const auto rows,
                               transaction.ExecuteDynamic("bump",
                                                          "UPDATE projects SET catalog_revision = "
                                                          "catalog_revision + 1 RETURNING "
                                                          "catalog_revision"));
              revision = rows.Single().Int64(0);
              return absl::OkStatus();
            }));
        const auto snapshot = cache.Refresh(project_, {});
        EXPECT_OK(snapshot);
        if (!snapshot.ok()) return;
        EXPECT_GE((*snapshot)->revision(), revision);
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      int64_t newest = 0;
      while (!done) {
        const auto snapshot = cache.Get(project_, {});
        EXPECT_OK(snapshot);
        if (!snapshot.ok()) return;
        // Time never runs backwards for a reader.
        EXPECT_GE((*snapshot)->revision(), newest);
        newest = (*snapshot)->revision();
        EXPECT_NE((*snapshot)->FindId("price/opening"), nullptr);
      }
    });
  }
  for (int i = 0; i < 4; ++i) threads[static_cast<size_t>(i)].join();
  done = true;
  threads[4].join();
  threads[5].join();
}

TEST_F(CatalogCacheTest, TheThreadKeepsMemoryYoungByItself) {
  CatalogCache cache(cache_pool_, {.look_every = absl::Milliseconds(1)}, nullptr);
  ASSERT_OK(cache.Get(project_, {}));
  cache.Start();
  cache.Start();
  Describe("Seen by the thread.");
  EXPECT_TRUE(Eventually([&] {
    const auto snapshot = cache.Peek(project_);
    return snapshot != nullptr && Description(snapshot) == "Seen by the thread.";
  }));
  cache.Stop();
  cache.Stop();
}

TEST(CatalogCacheOutage, ReadsFailOnceMemoryIsOldAndRecover) {
  testing::TempPostgres postgres;
  pg::PoolOptions options;
  options.connection_string = postgres.CreateDatabase();
  options.connect_timeout = absl::Seconds(1);
  pg::Pool pool(options);
  testing::FakeClock clock;
  CatalogCache cache(pool, {}, nullptr, clock);
  ASSERT_OK(cache.Get(1, {}));
  postgres.Stop(true);
  clock.Advance(absl::Milliseconds(900));
  EXPECT_OK(cache.Get(1, {}));
  EXPECT_THAT(cache.Refresh(1, {}),
              StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  clock.Advance(absl::Milliseconds(200));
  EXPECT_EQ(cache.Peek(1), nullptr);
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      EXPECT_THAT(cache.Get(1, {}),
                  StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
    });
  }
  for (std::thread& reader : readers) reader.join();
  postgres.Start();
  EXPECT_OK(cache.Get(1, {}));
  EXPECT_NE(cache.Peek(1), nullptr);
}

}  // namespace
}  // namespace metricstore::registry
