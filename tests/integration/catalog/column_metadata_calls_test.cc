// Notes on columns over gRPC: set by mask, listed, shown with the dataset and pushed as comments.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_writes_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;

class ColumnMetadataHandlerTest : public CatalogWritesTest {
 protected:
  using DatasetStub = v1::DatasetService::Stub;

  absl::StatusOr<v1::UpdateColumnMetadataResponse> Set(
      const v1::UpdateColumnMetadataRequest& request) {
    return Call<v1::UpdateColumnMetadataResponse>(*datasets_stub_,
                                                  &DatasetStub::UpdateColumnMetadata, request);
  }
  absl::StatusOr<v1::GetColumnMetadataResponse> Get(const std::string& column) {
    v1::GetColumnMetadataRequest request;
    request.set_table("fact_bars");
    request.set_column(column);
    return Call<v1::GetColumnMetadataResponse>(*datasets_stub_, &DatasetStub::GetColumnMetadata,
                                               request);
  }
  static v1::UpdateColumnMetadataRequest Note() {
    v1::UpdateColumnMetadataRequest request;
    request.mutable_column()->set_table("fact_bars");
    request.mutable_column()->set_column("open");
    request.mutable_column()->set_description("First price.");
    request.mutable_column()->set_confidence(0.5);
    request.mutable_column()->set_source("ann");
    return request;
  }
};

TEST_F(ColumnMetadataHandlerTest, SetsWhatTheMaskNamesAndShowsItWithTheDataset) {
  ASSERT_OK(Set(Note()));
  v1::UpdateColumnMetadataRequest change = Note();
  change.mutable_column()->set_description("Price of the first trade.");
  change.mutable_column()->set_source("bob");
  change.mutable_update_mask()->add_paths("description");
  ASSERT_OK(Set(change));
  const auto column = Get("open");
  ASSERT_OK(column);
  EXPECT_EQ(column->column().description(), "Price of the first trade.");
  EXPECT_EQ(column->column().source(), "ann");
  EXPECT_EQ(column->column().confidence(), 0.5);
  EXPECT_EQ(column->column().unit(), "USD");
  v1::GetDatasetRequest dataset;
  dataset.set_name("fact_bars");
  const auto shown =
      Call<v1::GetDatasetResponse>(*datasets_stub_, &DatasetStub::GetDataset, dataset);
  ASSERT_OK(shown);
  EXPECT_EQ(shown->dataset().columns(2).description(), "Price of the first trade.");
}

TEST_F(ColumnMetadataHandlerTest, RefusesWhatIsNoNote) {
  auto request = Note();
  request.mutable_column()->set_confidence(1.5);
  EXPECT_THAT(Set(request), testing::ViolatesField("column.confidence"));
  request = Note();
  request.mutable_column()->set_description(std::string(5000, 'x'));
  EXPECT_THAT(Set(request), testing::ViolatesField("column.description"));
  request = Note();
  request.mutable_update_mask()->add_paths("unit");
  EXPECT_THAT(Set(request), testing::ViolatesField("update_mask"));
  request = Note();
  request.mutable_column()->set_column("opne");
  EXPECT_THAT(Set(request), testing::StatusIs(absl::StatusCode::kNotFound, "COLUMN_NOT_FOUND"));
  EXPECT_THAT(Set({}), testing::ViolatesField("column"));
  request = Note();
  request.set_validate_only(true);
  ASSERT_OK(Set(request));
  EXPECT_EQ(Get("open")->column().description(), "");
}

TEST_F(ColumnMetadataHandlerTest, ListsColumnsInPagesInTheirDeclaredOrder) {
  v1::ListColumnMetadataRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = Call<v1::ListColumnMetadataResponse>(
        *datasets_stub_, &DatasetStub::ListColumnMetadata, request);
    ASSERT_OK(page);
    for (const v1::ColumnMetadata& column : page->columns()) names.push_back(column.column());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("symbol", "ts", "open", "close", "volume"));
}

TEST_F(ColumnMetadataHandlerTest, PushesDescriptionsAsComments) {
  ASSERT_OK(Set(Note()));
  v1::PushColumnDescriptionsRequest request;
  const auto pushed = Call<v1::PushColumnDescriptionsResponse>(
      *datasets_stub_, &DatasetStub::PushColumnDescriptions, request);
  ASSERT_OK(pushed);
  EXPECT_THAT(pushed->tables(), ElementsAre("fact_bars"));
  EXPECT_EQ(Ask("SELECT col_description('fact_bars'::regclass, ordinal_position) FROM "
                "information_schema.columns WHERE table_name = 'fact_bars' AND "
                "column_name = 'open'"),
            "First price.");
}

}  // namespace
}  // namespace metricstore::registry
