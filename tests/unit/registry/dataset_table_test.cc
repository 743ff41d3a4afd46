// Which datasets are accepted, and where and why the others are refused.

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

class DatasetTable : public ::testing::TestWithParam<Case> {};

TEST_P(DatasetTable, IsAcceptedOrRefusedWithReasonAndPlace) { ExpectOutcome(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Datasets, DatasetTable,
    ::testing::Values(
        Case{"Plain", DatasetWith(0, ""), ""},
        Case{"NoPrefix", DatasetWith(2, "name: ticks"), "DEFINITION_INVALID", 2, "fact_"},
        Case{"UpperCase", DatasetWith(2, "name: fact_Ticks"), "DEFINITION_INVALID", 2},
        Case{"LongName", DatasetWith(2, "name: fact_" + std::string(51, 'a')), "DEFINITION_INVALID",
             2},
        Case{"PartitionName", DatasetWith(2, "name: fact_ticks_p2024_01"), "DEFINITION_INVALID", 2,
             "partition"},
        Case{"WrongLayer", DatasetWith(3, "description: Ticks.\nlayer: event"),
             "DEFINITION_INVALID", 4, "layer"},
        Case{"NoGrain", DatasetWith(4, ""), "DEFINITION_INVALID", 1, "grain is required"},
        Case{"GrainUnknownColumn", DatasetWith(4, "grain: [symbl, ts]"), "DEFINITION_INVALID", 4,
             "did you mean \"symbol\"?"},
        Case{"GrainNullable", DatasetWith(4, "grain: [symbol, ts, price]"), "DEFINITION_INVALID", 4,
             "nullable"},
        Case{"GrainWithoutTime", DatasetWith(4, "grain: [symbol]"), "DEFINITION_INVALID", 4,
             "time column"},
        Case{"TimeNotTimestamp", DatasetWith(5, "time_column: symbol"), "DEFINITION_INVALID", 5,
             "timestamp"},
        Case{"EntityNotText", DatasetWith(6, "entity_column: price"), "DEFINITION_INVALID", 6,
             "text"},
        Case{"NoCalendar", DatasetWith(7, ""), "DEFINITION_INVALID", 1, "calendar is required"},
        Case{"UnknownCalendar", DatasetWith(7, "calendar: XNYZ"), "DEFINITION_INVALID", 7,
             "did you mean \"XNYS\"?"},
        Case{"ColumnTwice",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text}, {name: ts, type: timestamp}, "
                         "{name: ts, type: text}]"),
             "DEFINITION_INVALID", 8, "twice"},
        Case{"ReservedColumn",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text}, {name: ts, type: timestamp}, "
                         "{name: project_id, type: text}]"),
             "DEFINITION_INVALID", 8, "reserved"},
        Case{"ColumnType",
             DatasetWith(8, "columns: [{name: symbol, type: text},\n  {name: ts, type: timestmp}]"),
             "DEFINITION_INVALID", 9, "did you mean \"timestamp\"?"},
        Case{"ColumnKey",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text},\n  {name: ts, type: timestamp, "
                         "nulable: true}]"),
             "KEY_UNKNOWN", 9, "columns[1].nulable"},
        Case{"RollupOfText",
             DatasetWith(8,
                         "columns: [{name: symbol, type: text, rollup: sum}, "
                         "{name: ts, type: timestamp}]"),
             "DEFINITION_INVALID", 8, "added up"},
        Case{"PartitioningWithoutTime",
             "kind: dataset\nname: metadata_x\ndescription: d\ngrain: [a]\npartitioning: month\n"
             "columns: [{name: a, type: text}]\n",
             "DEFINITION_INVALID", 5, "time column"}),
    CaseName);

}  // namespace
}  // namespace metricstore::registry
