#include "lib/domain/domain_paths.h"

#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/domain/requests.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;

v1::DefineTdxDomainRequest RequestWithEveryPath() {
  return RequestFrom(R"(
    domain {
      disks { file { path: "/1" } }
      disks { rbd { pool: "p" image: "i" } }
      disks { file { path: "/2" } format: DISK_FORMAT_QCOW2 }
      disks { block { path: "/3" } }
      disks { block { path: "/4" } format: DISK_FORMAT_QCOW2 }
      interfaces { bridge { bridge: "b" } }
      interfaces { vhost_user { socket_path: "/5" } }
      interfaces { vhost_user { socket_path: "/6" server: true } }
      serial_log_path: "/7"
    }
    launch { quote_service_path: "/8" })");
}

std::vector<std::tuple<std::string, std::string, PathRole>> Uses(
    const v1::DefineTdxDomainRequest& request) {
  std::vector<std::tuple<std::string, std::string, PathRole>> uses;
  for (const PathUse& use : PathsOf(request)) uses.emplace_back(use.field, use.path, use.role);
  return uses;
}

TEST(PathsOfTest, ListsEveryPathWithItsFieldAndRole) {
  EXPECT_THAT(
      Uses(RequestWithEveryPath()),
      ElementsAre(std::make_tuple("domain.disks[0].file.path", "/1", PathRole::kDiskFile),
                  std::make_tuple("domain.disks[2].file.path", "/2", PathRole::kQcow2File),
                  std::make_tuple("domain.disks[3].block.path", "/3", PathRole::kDiskDevice),
                  std::make_tuple("domain.disks[4].block.path", "/4", PathRole::kQcow2Device),
                  std::make_tuple("domain.interfaces[1].vhost_user.socket_path", "/5",
                                  PathRole::kVhostUserSocket),
                  std::make_tuple("domain.interfaces[2].vhost_user.socket_path", "/6",
                                  PathRole::kVhostUserListener),
                  std::make_tuple("domain.serial_log_path", "/7", PathRole::kSerialLog),
                  std::make_tuple("launch.quote_service_path", "/8", PathRole::kQuoteSocket)));
}

TEST(PathsOfTest, LeavesOutWhatIsNotStated) {
  EXPECT_THAT(Uses(RequestFrom("domain {} launch {}")), ElementsAre());
  EXPECT_THAT(Uses(v1::DefineTdxDomainRequest()), ElementsAre());
}

TEST(WithResolvedPathsTest, PutsEachPathWhereItCameFrom) {
  const auto resolved = WithResolvedPaths(
      RequestWithEveryPath(),
      {"/real/1", "/real/2", "/real/3", "/real/4", "/real/5", "/real/6", "/real/7", "/real/8"});
  EXPECT_EQ(resolved.domain().disks(2).file().path(), "/real/2");
  EXPECT_EQ(resolved.domain().disks(4).block().path(), "/real/4");
  EXPECT_EQ(resolved.domain().interfaces(2).vhost_user().socket_path(), "/real/6");
  EXPECT_TRUE(resolved.domain().interfaces(2).vhost_user().server());
  EXPECT_EQ(resolved.domain().serial_log_path(), "/real/7");
  EXPECT_EQ(resolved.launch().quote_service_path(), "/real/8");
  EXPECT_EQ(PathsOf(resolved).size(), 8u);
}

}  // namespace
}  // namespace ccplace
