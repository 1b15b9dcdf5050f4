#include "lib/lifecycle/path_policy.h"

#include "absl/strings/str_cat.h"
#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

class PathPolicyTest : public LifecycleTest {
 protected:
  absl::StatusOr<v1::DefineTdxDomainRequest> Resolve(const v1::DefineTdxDomainRequest& request) {
    return ResolvePaths(*files_, policy_.paths, policy_.quote_service_path, request);
  }

  absl::StatusOr<std::string> ResolveDisk(const std::string& path) {
    auto request = GoodDefinition();
    request.mutable_domain()->mutable_disks(0)->mutable_file()->set_path(path);
    const auto out = Resolve(request);
    if (!out.ok()) return out.status();
    return out->domain().disks(0).file().path();
  }

  absl::StatusOr<std::string> ResolveBlock(const std::string& path) {
    auto request = GoodDefinition();
    request.mutable_domain()->mutable_disks(0)->mutable_block()->set_path(path);
    const auto out = Resolve(request);
    if (!out.ok()) return out.status();
    return out->domain().disks(0).block().path();
  }

  absl::StatusOr<std::string> ResolveLog(const std::string& path) {
    auto request = GoodDefinition();
    request.mutable_domain()->set_serial_log_path(path);
    const auto out = Resolve(request);
    if (!out.ok()) return out.status();
    return out->domain().serial_log_path();
  }
};

TEST(IsBelowTest, CountsWholeNamesOnly) {
  EXPECT_TRUE(IsBelow("/a/b", "/a"));
  EXPECT_TRUE(IsBelow("/a/b", "/a/"));
  EXPECT_TRUE(IsBelow("/a", "/"));
  EXPECT_FALSE(IsBelow("/ab", "/a"));
  EXPECT_FALSE(IsBelow("/a", "/a"));
  EXPECT_FALSE(IsBelow("/a/", "/a"));
  EXPECT_FALSE(IsBelow("", "/a"));
}

TEST_F(PathPolicyTest, TakesADiskBelowAnAllowedFolder) {
  EXPECT_EQ(*ResolveDisk("/var/lib/libvirt/images/demo.raw"), "/var/lib/libvirt/images/demo.raw");
}

TEST_F(PathPolicyTest, RefusesADiskElsewhere) {
  files_->WriteFile("/etc/shadow", "x");
  EXPECT_THAT(ResolveDisk("/etc/shadow"), Fails(kDenied, "--disk_prefixes", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, SaysNothingOfWhatIsOutsideTheFolders) {
  files_->WriteFile("/etc/shadow", "x");
  files_->MakeLink("/tmp/link", "/etc/shadow");
  const std::string tail = " is outside the allowed folders";
  for (const std::string path :
       {"/etc/shadow", "/etc/none", "/none/none", "/tmp/link", "/var/lib/libvirt/images/../none"}) {
    EXPECT_THAT(ResolveDisk(path),
                Fails(kDenied, absl::StrCat("'", path, "'", tail), "PATH_NOT_ALLOWED"));
    EXPECT_THAT(ResolveLog(path),
                Fails(kDenied, absl::StrCat("'", path, "'", tail), "PATH_NOT_ALLOWED"));
  }
}

TEST_F(PathPolicyTest, RefusesALinkThatLeadsOutOfTheFolder) {
  files_->WriteFile("/etc/shadow", "x");
  files_->MakeLink("/var/lib/libvirt/images/sly.raw", "/etc/shadow");
  EXPECT_THAT(ResolveDisk("/var/lib/libvirt/images/sly.raw"),
              Fails(kDenied, "leads to '/etc/shadow'", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, GivesLibvirtWhatALinkLedToWhenItWasChecked) {
  files_->MakeLink("/var/lib/libvirt/images/current.raw", "demo.raw");
  EXPECT_EQ(*ResolveDisk("/var/lib/libvirt/images/current.raw"),
            "/var/lib/libvirt/images/demo.raw");
}

TEST_F(PathPolicyTest, RefusesADiskThatIsNotThere) {
  EXPECT_THAT(ResolveDisk("/var/lib/libvirt/images/none.raw"),
              Fails(kRefused, "create it first", "PATH_NOT_USABLE"));
}

TEST_F(PathPolicyTest, RefusesAFolderAsADisk) {
  files_->MakeDirectory("/var/lib/libvirt/images/folder");
  EXPECT_THAT(ResolveDisk("/var/lib/libvirt/images/folder"),
              Fails(kRefused, "no regular file", "PATH_NOT_USABLE"));
}

TEST_F(PathPolicyTest, RefusesAQcow2ImageThatOpensAnotherFile) {
  // QCOW2 header, version 3 (qemu docs/interop/qcow2): magic, version, backing file's place (56)
  // and length (9); the rest is of no matter here.
  std::string head(104, '\0');
  head.replace(0, 4, "QFI\xfb");
  head[7] = 3;
  head[15] = 56;
  head[19] = 9;
  head[103] = 104;
  files_->WriteFile("/var/lib/libvirt/images/overlay.qcow2", head);
  auto request = GoodDefinition();
  v1::Disk& disk = *request.mutable_domain()->mutable_disks(0);
  disk.mutable_file()->set_path("/var/lib/libvirt/images/overlay.qcow2");
  disk.set_format(v1::DISK_FORMAT_QCOW2);
  EXPECT_THAT(Resolve(request), Fails(kRefused, "backing file", "PATH_NOT_USABLE"));
}

TEST_F(PathPolicyTest, KeepsTheStableNameOfABlockDevice) {
  files_->MakeBlockDevice("/dev/mapper/real-3");
  files_->MakeLink("/dev/mapper/volume-a", "real-3");
  EXPECT_EQ(*ResolveBlock("/dev/mapper/volume-a"), "/dev/mapper/volume-a");
}

TEST_F(PathPolicyTest, RefusesABlockDeviceByANameOutsideTheFolders) {
  files_->MakeBlockDevice("/dev/mapper/real-3");
  files_->MakeLink("/tmp/sly", "/dev/mapper/real-3");
  EXPECT_THAT(ResolveBlock("/tmp/sly"), Fails(kDenied, "/tmp/sly", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, TakesVolumesByTheirNamesWhereTheDeviceItselfLiesElsewhere) {
  policy_.paths.disk_prefixes = {"/dev/mapper", "/dev/disk/by-id"};
  files_->MakeBlockDevice("/dev/dm-3");
  files_->MakeLink("/dev/mapper/volume-a", "../dm-3");
  files_->MakeLink("/dev/disk/by-id/dm-name-volume-a", "../../dm-3");
  EXPECT_EQ(*ResolveBlock("/dev/mapper/volume-a"), "/dev/mapper/volume-a");
  EXPECT_EQ(*ResolveBlock("/dev/disk/by-id/dm-name-volume-a"), "/dev/disk/by-id/dm-name-volume-a");
  EXPECT_THAT(ResolveBlock("/dev/dm-3"), Fails(kDenied, "--disk_prefixes", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, GivesLibvirtTheDeviceItselfWhereSomebodyElseCanTurnItsNameElsewhere) {
  policy_.paths.disk_prefixes = {"/srv/volumes"};
  files_->MakeBlockDevice("/srv/volumes/nodes/real-3");
  files_->MakeLink("/srv/volumes/of-a-user/a", "../nodes/real-3");
  files_->GiveAway("/srv/volumes/of-a-user");
  EXPECT_EQ(*ResolveBlock("/srv/volumes/of-a-user/a"), "/srv/volumes/nodes/real-3");
  files_->MakeBlockDevice("/dev/sda");
  files_->MakeLink("/srv/volumes/of-a-user/sly", "/dev/sda");
  EXPECT_THAT(ResolveBlock("/srv/volumes/of-a-user/sly"),
              Fails(kDenied, "leads to '/dev/sda'", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, TakesNoNameOfADeviceThatLeadsThroughALinkOfSomebodyElses) {
  files_->MakeBlockDevice("/dev/sda");
  files_->MakeLink("/home/user/turned", "/dev/sda");
  files_->GiveAway("/home/user");
  files_->MakeLink("/dev/mapper/detour", "/home/user/turned");
  EXPECT_THAT(ResolveBlock("/dev/mapper/detour"),
              Fails(kDenied, "leads to '/dev/sda'", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, RefusesAFileAsABlockDevice) {
  EXPECT_THAT(ResolveBlock("/var/lib/libvirt/images/demo.raw"),
              Fails(kRefused, "no block device", "PATH_NOT_USABLE"));
}

TEST_F(PathPolicyTest, TakesALogThatIsYetToBeMade) {
  files_->MakeDirectory("/var/log/libvirt/qemu");
  EXPECT_EQ(*ResolveLog("/var/log/libvirt/qemu/td.log"), "/var/log/libvirt/qemu/td.log");
}

TEST_F(PathPolicyTest, RefusesALogInAFolderThatIsNotThere) {
  files_->MakeDirectory("/var/log/libvirt");
  EXPECT_THAT(ResolveLog("/var/log/libvirt/none/td.log"),
              Fails(kRefused, "create it first", "PATH_NOT_USABLE"));
}

TEST_F(PathPolicyTest, RefusesALogElsewhere) {
  files_->MakeDirectory("/etc/cron.d");
  EXPECT_THAT(ResolveLog("/etc/cron.d/job"), Fails(kDenied, "--log_prefixes", "PATH_NOT_ALLOWED"));
}

TEST_F(PathPolicyTest, RefusesALogThatIsALinkToNowhere) {
  files_->MakeLink("/var/log/libvirt/sly.log", "/etc/cron.d/job");
  EXPECT_THAT(ResolveLog("/var/log/libvirt/sly.log"),
              Fails(kRefused, "leads nowhere", "PATH_NOT_USABLE"));
}

TEST_F(PathPolicyTest, AppendsToALogThatIsThereAndToNothingElse) {
  files_->WriteFile("/var/log/libvirt/td.log", "");
  EXPECT_EQ(*ResolveLog("/var/log/libvirt/td.log"), "/var/log/libvirt/td.log");
  files_->MakeOther("/var/log/libvirt/fifo");
  files_->MakeDirectory("/var/log/libvirt/folder");
  files_->MakeSocket("/var/log/libvirt/socket", absl::OkStatus());
  files_->MakeBlockDevice("/var/log/libvirt/device");
  for (const char* other : {"fifo", "folder", "socket", "device"}) {
    EXPECT_THAT(ResolveLog(absl::StrCat("/var/log/libvirt/", other)),
                Fails(kRefused, "is no regular file; name another log", "PATH_NOT_USABLE"));
  }
}

TEST_F(PathPolicyTest, TakesASocketForVhostUserAndNeverTheQuoteServices) {
  const auto resolve = [this](const std::string& path, bool server) {
    auto request = GoodDefinition();
    v1::NetworkInterface& port = *request.mutable_domain()->add_interfaces();
    port.set_mac("52:54:00:12:34:56");
    port.mutable_vhost_user()->set_socket_path(path);
    port.mutable_vhost_user()->set_server(server);
    return Resolve(request);
  };
  policy_.paths.socket_prefixes = {"/run/openvswitch", "/var/run/tdx-qgs"};
  files_->MakeSocket("/run/openvswitch/port", absl::OkStatus());
  files_->WriteFile("/run/openvswitch/file", "");
  files_->MakeSocket(policy_.quote_service_path, absl::OkStatus());
  EXPECT_TRUE(resolve("/run/openvswitch/port", true).ok());
  EXPECT_TRUE(resolve("/run/openvswitch/new", true).ok());
  EXPECT_TRUE(resolve("/run/openvswitch/port", false).ok());
  for (const bool server : {true, false}) {
    EXPECT_THAT(resolve("/run/openvswitch/file", server),
                Fails(kRefused, "is no socket", "PATH_NOT_USABLE"));
    EXPECT_THAT(resolve(policy_.quote_service_path, server),
                Fails(kRefused, "is the Quote Generation Service's socket", "PATH_NOT_USABLE"));
  }
}

TEST_F(PathPolicyTest, FollowsTheAllowedFolderItself) {
  files_->MakeDirectory("/srv/logs");
  files_->MakeLink("/var/log/libvirt", "/srv/logs");
  EXPECT_EQ(*ResolveLog("/var/log/libvirt/td.log"), "/srv/logs/td.log");
}

TEST_F(PathPolicyTest, AllowsTheDaemonsOwnQuoteServiceAndNoOther) {
  auto request = GoodDefinition();
  request.mutable_launch()->set_quote_service_path(policy_.quote_service_path);
  EXPECT_TRUE(Resolve(request).ok());
  files_->MakeSocket("/tmp/fake.socket", absl::OkStatus());
  request.mutable_launch()->set_quote_service_path("/tmp/fake.socket");
  EXPECT_THAT(Resolve(request), Fails(kDenied, "--socket_prefixes", "PATH_NOT_ALLOWED"));
}

}  // namespace
}  // namespace ccplace
