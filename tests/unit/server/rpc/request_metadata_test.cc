#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using ::testing::MatchesRegex;

class TraceContextTest : public ServerTest {
 protected:
  void SetUp() override { Start(); }

  // The request id that comes back from a call that asks for a change.
  std::string Answered(const Stub& stub, const std::vector<std::string>& sent) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    for (const std::string& id : sent) context.AddMetadata("x-request-id", id);
    v1::UndefineTdxDomainResponse answer;
    EXPECT_FALSE(stub->UndefineTdxDomain(&context, {}, &answer).ok());
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find("x-request-id");
    return found == trailers.end() ? "none"
                                   : std::string(found->second.data(), found->second.size());
  }
};

TEST_F(TraceContextTest, GivesTheCallersIdBack) {
  EXPECT_EQ(Answered(Operator(), {"req-1"}), "req-1");
  EXPECT_EQ(Answered(Reader(), {"req-2"}), "req-2");  // Refused.
}

TEST_F(TraceContextTest, GivesACallWithoutOneAnIdOfItsOwn) {
  EXPECT_THAT(Answered(Operator(), {}), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(Answered(Operator(), {"req 1"}), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(Answered(Operator(), {"one", "two"}), MatchesRegex("[0-9a-f]{32}"));
}

}  // namespace
}  // namespace ccplace
