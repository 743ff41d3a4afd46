// Limits, odd texts and random changes: a SELECT is accepted or refused with a place, never more.

#include <pthread.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/expression/select_statement.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/select_tables.h"

namespace metricstore::expression {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMaxBytes = 64 * 1024;

absl::Status StatusOf(const std::string& sql) { return ParseSelect(sql, TestTables()).status(); }

// Refused as every bad SELECT is: reason, and a position inside the text or right behind it.
void ExpectRefused(const std::string& sql, const std::string& message = "") {
  const absl::Status status = StatusOf(sql);
  SCOPED_TRACE(sql.substr(0, 200));
  ASSERT_EQ(status::ReasonOf(status), "SQL_INVALID") << status;
  const size_t position = std::stoul(status::DetailsOf(status)->metadata.at("position"));
  EXPECT_GE(position, 1u);
  EXPECT_LE(position, sql.size() + 1);
  EXPECT_THAT(std::string(status.message()), HasSubstr(message));
}

std::string Repeated(const std::string& start, const std::string& part, int times,
                     const std::string& end = "") {
  std::string text = start;
  for (int i = 0; i < times; ++i) text += part;
  return text + end;
}

TEST(SelectLimitTest, DepthIsBounded) {
  const auto nested = [](int levels) {
    return Repeated("SELECT ", "abs(", levels, "1") + std::string(static_cast<size_t>(levels), ')');
  };
  EXPECT_TRUE(StatusOf(nested(62)).ok()) << StatusOf(nested(62));
  ExpectRefused(nested(63), "deeper than 64");
  EXPECT_TRUE(StatusOf(Repeated("SELECT 1", " UNION ALL SELECT 1", 40)).ok());
  ExpectRefused(Repeated("SELECT 1", " UNION ALL SELECT 1", 70), "deeper than 64");
  ExpectRefused(Repeated("SELECT 1 FROM bars", " CROSS JOIN bars", 70), "deeper than 64");
}

TEST(SelectLimitTest, NodesAreBounded) {
  EXPECT_TRUE(StatusOf(Repeated("SELECT 1", ", 1", 9'990)).ok());
  ExpectRefused(Repeated("SELECT 1", ", 1", 10'000), "more than 10000");
}

TEST(SelectLimitTest, TextIsBounded) {
  const std::string select = "SELECT 1";
  EXPECT_TRUE(StatusOf(select + std::string(kMaxBytes - select.size(), ' ')).ok());
  ExpectRefused(select + std::string(kMaxBytes - select.size() + 1, ' '), "longer than");
}

TEST(SelectLimitTest, BombsOfTheGrammarAreRefused) {
  const struct {
    std::string start;
    std::string part;
  } bombs[] = {
      {"SELECT 1", "+1"},
      {"SELECT ", "- "},
      {"SELECT ", "NOT "},
      {"SELECT ", "("},
      {"SELECT ", "abs("},
      {"SELECT close", "::int"},
      {"SELECT close", "[1]"},
      {"SELECT ", "(SELECT "},
      {"SELECT 1", " UNION SELECT 1"},
      {"SELECT 1 FROM ", "(SELECT 1 FROM "},
      {"SELECT 1 FROM bars", " JOIN bars"},
      {"SELECT ", "CASE WHEN "},
      {"SELECT ", "ARRAY["},
      {"SELECT close", " OR close"},
      {"SELECT close", " ISNULL"},
      {"SELECT ", "ROW("},
      {"SELECT 1 FROM bars", " NATURAL JOIN bars"},
      {"SELECT a", ".a"},
      {"VALUES (1)", ", (1)"},
      {"SELECT 1 GROUP BY ", "CUBE ("},
      {"WITH a AS (", "WITH a AS ("},
  };
  for (const auto& bomb : bombs) {
    std::string text = bomb.start;
    while (text.size() + bomb.part.size() <= kMaxBytes) text += bomb.part;
    ExpectRefused(text);
  }
}

// libpg_query writes trees out by recursion; the caller's stack must not matter.
TEST(SelectLimitTest, DeepTreesNeedNoStackOfTheCaller) {
  const auto run = [](void*) -> void* {
    ExpectRefused(Repeated("SELECT 1", "+1", 30'000), "deeper than 64");
    ExpectRefused(Repeated("SELECT close", "::int", 10'000), "deeper than 64");
    return nullptr;
  };
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 1024 * 1024), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, run, nullptr), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

TEST(SelectTextTest, OddBytesAreRefused) {
  ExpectRefused(std::string("SELECT 1\0, 2", 12), "NUL");
  ExpectRefused("SELECT '\xC3'", "UTF-8");
  ExpectRefused("", "empty");
  ExpectRefused("-- nothing", "empty");
}

TEST(SelectTextTest, SpellingMakesNoDifference) {
  const auto canonical = [](const std::string& sql) {
    const auto select = ParseSelect(sql, TestTables());
    EXPECT_TRUE(select.ok()) << select.status();
    return select.ok() ? select->canonical_text : "";
  };
  const std::string wanted = canonical("SELECT b.close AS c FROM bars AS b WHERE b.close <> 1");
  EXPECT_EQ(canonical("select B.close c\n  from BARS b -- why\n where b.\"close\" != 1;"), wanted);
  EXPECT_NE(canonical("SELECT b.close AS c FROM bars AS b WHERE b.close <> 2"), wanted);
}

// The printer of libpg_query drops these brackets.
TEST(SelectTextTest, BracketsThatMatterAreKept) {
  const struct {
    std::string with;
    std::string without;
  } pairs[] = {
      {"SELECT (close > 1 AND open > 1) IS NULL FROM bars",
       "SELECT close > 1 AND open > 1 IS NULL FROM bars"},
      {"SELECT (NOT close > 1) IS NULL FROM bars", "SELECT NOT close > 1 IS NULL FROM bars"},
      {"SELECT (-close)::int FROM bars", "SELECT -close::int FROM bars"},
      {"SELECT (close = 1) BETWEEN true AND false FROM bars",
       "SELECT close = (1 BETWEEN true AND false) FROM bars"},
  };
  for (const auto& pair : pairs) {
    const auto with = ParseSelect(pair.with, TestTables());
    const auto without = ParseSelect(pair.without, TestTables());
    ASSERT_TRUE(with.ok() && without.ok()) << with.status() << without.status();
    EXPECT_NE(with->canonical_text, without->canonical_text);
    const auto again = ParseSelect(with->canonical_text, TestTables());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->canonical_text, with->canonical_text);
  }
}

TEST(SelectTextTest, MayBeParsedOnManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 100; ++round) {
        EXPECT_TRUE(StatusOf("SELECT symbol, sum(close) FROM bars GROUP BY 1").ok());
        EXPECT_FALSE(StatusOf("SELECT symbol, FROM bars").ok());
        EXPECT_FALSE(StatusOf("SELECT clsoe FROM bars").ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SelectFunctionTest, NamesAreSortedAndDistinct) {
  const std::vector<std::string>& names = SelectFunctionNames();
  EXPECT_GT(names.size(), 100u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

// Statements built of words at random: most are wrong in odd ways, some are right.
class RandomSelects {
 public:
  explicit RandomSelects(uint32_t seed) : random_(seed) {}

  std::string Make() {
    std::string sql = Pick(kStatements);
    for (int change = static_cast<int>(random_() % 5); change > 0; --change) Change(&sql);
    return sql;
  }

 private:
  using Words = std::vector<std::string>;

  const std::string& Pick(const Words& words) { return words[random_() % words.size()]; }

  // Words are replaced, removed, doubled, swapped in, or brought in from another statement.
  void Change(std::string* sql) {
    if (sql->empty()) return;
    const size_t at = random_() % sql->size();
    const size_t length = std::min<size_t>(random_() % 12, sql->size() - at);
    const std::string& other = Pick(kStatements);
    const size_t from = random_() % other.size();
    switch (random_() % 5) {
      case 0:
        sql->replace(at, length, " " + Pick(kWords) + " ");
        break;
      case 1:
        sql->erase(at, length);
        break;
      case 2:
        sql->insert(at, sql->substr(at, length));
        break;
      case 3:
        sql->insert(at, " " + Pick(kWords) + " ");
        break;
      default:
        sql->replace(at, length, other.substr(from, random_() % 60));
    }
  }

  static const Words kStatements;
  static const Words kWords;
  std::mt19937 random_;
};

const RandomSelects::Words RandomSelects::kStatements = {
    "SELECT symbol, sum(close) FILTER (WHERE volume > 0) AS v FROM bars GROUP BY 1 ORDER BY v DESC",
    "WITH q AS (SELECT plan_id, amount FROM subs) SELECT * FROM q JOIN plans USING (plan_id)",
    "SELECT p.title, x.m FROM plans p, LATERAL (SELECT max(amount) AS m FROM subs s WHERE "
    "s.plan_id "
    "= p.plan_id) x",
    "SELECT sum(amount) OVER w FROM subs WINDOW w AS (PARTITION BY plan_id ORDER BY started_at "
    "ROWS "
    "BETWEEN 1 PRECEDING AND CURRENT ROW)",
    "(SELECT plan_id FROM subs ORDER BY 1 LIMIT 1) UNION ALL SELECT title FROM plans EXCEPT VALUES "
    "('a')",
    "SELECT CASE WHEN close > 1 THEN open::int ELSE -1 END, ARRAY[1, 2], (1, 2) IN (SELECT 1, 2) "
    "FROM bars WHERE EXISTS (SELECT 1) AND symbol LIKE 'a%' AND close BETWEEN 1 AND 2",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY close), extract(year FROM max(ts)) FROM "
    "bars "
    "GROUP BY GROUPING SETS ((symbol), ())",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT g.x, u.v "
    "FROM n, "
    "generate_series(1, i) g(x), unnest(ARRAY[1]) WITH ORDINALITY u(v, o)",
    "SELECT DISTINCT ON (symbol) \"symbol\", date_trunc('day', ts) AT TIME ZONE 'UTC', interval "
    "'1' "
    "day FROM bars b NATURAL LEFT JOIN odd FETCH FIRST 3 ROWS ONLY",
};

const RandomSelects::Words RandomSelects::kWords = {
    "(",
    ")",
    ",",
    "*",
    "SELECT",
    "FROM",
    "WHERE",
    "(SELECT 1)",
    "NULL",
    "b.*",
    "x[1]",
    "(x).y",
    "$1",
    "::text",
    "::int[]",
    "OVER ()",
    "FILTER (WHERE true)",
    "VARIADIC",
    "ALL",
    "ANY",
    "DISTINCT",
    "AS",
    "AS x(a, b)",
    "LATERAL",
    "NATURAL",
    "USING (a)",
    "ON true",
    "COLLATE \"C\"",
    "IS TRUE",
    "IS DOCUMENT",
    "NOT",
    "IN (1, 2)",
    "ESCAPE 'x'",
    "SIMILAR TO",
    "GROUPING SETS (())",
    "WITHIN GROUP (ORDER BY 1)",
    "current_date",
    "now()",
    "ROW()",
    "ARRAY[]",
    "DEFAULT",
    "''",
    "1.5e3",
    "-0",
    "B'1'",
    "INTO t",
    "FOR UPDATE",
    "TABLESAMPLE system (1)",
    "xmlparse(document '')",
    "a => 1",
    "JOIN",
    "CROSS JOIN",
    "UNION",
    "VALUES (1)",
    "TABLE bars",
    "LIMIT ALL",
    "OFFSET 1",
    "ROWS FROM (unnest(a), b())",
    "WINDOW w AS ()",
    "OVERLAPS (1, 2)",
    "{",
    "metric('a/b')",
    "unnest(a)",
    "count(*)",
    "json_agg(x)",
    "OPERATOR(a.+)",
    "CURRENT OF c",
    "'now'",
    "ts",
    "::timestamp",
    "USING <",
    "AT TIME ZONE 'UTC'",
    "CUBE (1, 1)",
    "RECURSIVE",
};

TEST(SelectMutationTest, AnythingIsAcceptedOrRefusedWithAPlace) {
  const uint32_t seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  RandomSelects selects(seed);
  int accepted = 0;
  int named = 0;  // refused by us, not by the grammar
  for (int i = 0; i < 20'000; ++i) {
    const std::string sql = selects.Make();
    SCOPED_TRACE(absl::StrCat("seed ", seed, ": ", sql));
    const auto select = ParseSelect(sql, TestTables());
    if (!select.ok()) {
      ExpectRefused(sql);
      named += absl::StrContains(select.status().message(), "syntax error") ? 0 : 1;
      continue;
    }
    ++accepted;
    const auto again = ParseSelect(select->canonical_text, TestTables());
    ASSERT_TRUE(again.ok()) << select->canonical_text << again.status();
    ASSERT_EQ(again->columns, select->columns);
    ASSERT_EQ(again->outputs, select->outputs);
    ASSERT_EQ(again->canonical_text, select->canonical_text);
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(named, 500);
}

}  // namespace
}  // namespace metricstore::expression
