#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "server/audit/audit.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;

class AuditRecordTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_;  // "VERDICT", with " late" where the line says so.
  AuditRecord trail_{{"DefineTdxDomain", "somebody", "uuid", "digest", "define", absl::OkStatus()},
                     [this](const nlohmann::ordered_json& line) {
                       const bool late = line.contains("late") && line["late"].get<bool>();
                       lines_.push_back(line["verdict"].get<std::string>() + (late ? " late" : ""));
                     }};
};

TEST_F(AuditRecordTest, TellsTheBeginningAndTheVerdict) {
  trail_.Begin();
  trail_.Ended(absl::OkStatus());
  trail_.Answered(absl::OkStatus());
  EXPECT_THAT(lines_, ElementsAre("BEGUN", "OK"));
}

TEST_F(AuditRecordTest, TellsHowWorkEndedAfterItsCallerWasToldOtherwise) {
  trail_.Begin();
  trail_.Answered(absl::DeadlineExceededError("libvirt did not answer"));
  trail_.Ended(absl::OkStatus());
  EXPECT_THAT(lines_, ElementsAre("BEGUN", "DEADLINE_EXCEEDED", "OK late"));
}

TEST_F(AuditRecordTest, TellsBothWhenTheTimeRanOutAtTheLastMoment) {
  trail_.Begin();
  trail_.Ended(absl::OkStatus());
  trail_.Answered(absl::DeadlineExceededError("libvirt did not answer"));
  EXPECT_THAT(lines_, ElementsAre("BEGUN", "DEADLINE_EXCEEDED", "OK late"));
}

TEST_F(AuditRecordTest, TellsTheVerdictAloneOfWorkThatWasNeverBegun) {
  trail_.Answered(absl::ResourceExhaustedError("the queue is full"));
  EXPECT_THAT(lines_, ElementsAre("RESOURCE_EXHAUSTED"));
}

}  // namespace
}  // namespace ccplace
