// Which name is suggested for one that nobody knows.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "gtest/gtest.h"

namespace metricstore::status {
namespace {

// The definition of the distance, cell by cell.
size_t PlainDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> cells(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      size_t& cell = cells[i][j];
      if (i == 0 || j == 0) {
        cell = i + j;
        continue;
      }
      const size_t replaced = cells[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cell = std::min({cells[i - 1][j] + 1, cells[i][j - 1] + 1, replaced});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) cell = std::min(cell, cells[i - 2][j - 2] + 1);
    }
  }
  return cells[a.size()][b.size()];
}

std::string PlainMatch(const std::string& word, const std::vector<std::string>& names) {
  const size_t limit = std::max<size_t>(1, word.size() / 3);
  std::string best;
  size_t best_distance = limit + 1;
  for (const std::string& name : names) {
    const size_t distance = PlainDistance(word, name);
    if (distance >= best_distance) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

std::string Changed(std::string word, std::mt19937* random) {
  for (auto changes = (*random)() % 5; changes > 0; --changes) {
    const size_t at = (*random)() % (word.size() + 1);
    const auto way = (*random)() % 3;
    if (way == 0) word.insert(at, 1, static_cast<char>('a' + (*random)() % 4));
    if (way == 1 && at < word.size()) word.erase(at, 1);
    if (way == 2 && at + 1 < word.size()) std::swap(word[at], word[at + 1]);
  }
  return word;
}

TEST(ClosestMatchTest, AgreesWithThePlainDistance) {
  std::mt19937 random(20240310);  // NOLINT: the same words every time
  const auto any_word = [&](size_t most) {
    std::string word;
    for (size_t i = random() % most + 1; i > 0; --i) {
      word += static_cast<char>('a' + random() % 4);
    }
    return word;
  };
  int found = 0;
  for (int round = 0; round < 5'000; ++round) {
    const size_t most = round % 10 == 0 ? 64 : 16;
    std::vector<std::string> names;
    for (int i = 0; i < 6; ++i) names.push_back(any_word(most));
    const std::string word = round % 2 == 0 ? any_word(most) : Changed(names[3], &random);
    if (word.empty() || word.size() > 64) continue;
    const std::string match = ClosestMatch(word, names);
    ASSERT_EQ(match, PlainMatch(word, names)) << word;
    found += match.empty() ? 0 : 1;
  }
  EXPECT_GT(found, 2'000);
}

TEST(ClosestMatchTest, TheFirstOfTheNearestIsSuggested) {
  EXPECT_EQ(ClosestMatch("mrs", {"mrx", "mry", "mr"}), "mrx");
  EXPECT_EQ(ClosestMatch("mrr", {"mrx", "mrr", "mr"}), "mrr");
}

TEST(ClosestMatchTest, LongNamesAreComparedByWhatDiffers) {
  const std::string category(63, 'c');
  const std::string known = category + "/" + std::string(50, 'm') + "_total";
  std::string word = known;
  std::swap(word[64 + 50], word[64 + 51]);
  EXPECT_EQ(ClosestMatch(word, {"revenue/mrr", known}), known);
  EXPECT_EQ(ClosestMatch(known, {known}), known);
  EXPECT_EQ(ClosestMatch(std::string(120, 'x'), {known, std::string(120, 'y')}), "");
}

TEST(ClosestMatchTest, LettersMayRepeatAndShareTheirCase) {
  EXPECT_EQ(ClosestMatch("aAaA", {"bbbb", "aaaa", "aAAA"}), "aAAA");
  EXPECT_EQ(ClosestMatch("größe", {"grösse", "Größe"}), "Größe");
}

TEST(ClosestMatch, FindsNamesInAnotherCase) {
  EXPECT_EQ(ClosestMatch("xnys", {"XNAS", "XNYS"}), "XNYS");
  EXPECT_EQ(ClosestMatch("Close", {"closed", "close"}), "close");
  EXPECT_EQ(ClosestMatch("rth", {"RTH", "rth"}), "rth") << "the name itself comes first";
}

}  // namespace
}  // namespace metricstore::status
