#include "lib/lifecycle/path_conflicts.h"

#include "absl/strings/str_cat.h"
#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

constexpr auto kConflict = absl::StatusCode::kFailedPrecondition;
constexpr char kImages[] = "/var/lib/libvirt/images/";

// What MATCHER Fails looks at.
struct Outcome {
  absl::Status status() const { return value; }
  absl::Status value;
};

class PathConflictsTest : public LifecycleTest {
 protected:
  PathConflictsTest() {
    files_->MakeHardLink(absl::StrCat(kImages, "again.raw"), absl::StrCat(kImages, "demo.raw"));
    files_->WriteFile(absl::StrCat(kImages, "data.raw"), "");
    files_->WriteFile("/var/log/libvirt/td.log", "");
  }

  // Another domain, active or not.
  void AddOther(bool active, const std::string& devices) {
    memory_.Read(kOtherUuid, absl::StrCat("<domain type='kvm'", active ? " id='7'" : "",
                                          "><name>other</name><uuid>", kOtherUuid,
                                          "</uuid><devices>", devices, "</devices></domain>"));
  }
  static std::string DiskXml(const std::string& name, const std::string& more = "") {
    return absl::StrCat("<disk type='file' device='disk'><source file='", kImages, name, "'/>",
                        more, "</disk>");
  }

  Outcome Check(bool start) {
    return {CheckPathConflicts(*files_, request_, memory_.All(), start)};
  }
  v1::Disk& disk() { return *request_.mutable_domain()->mutable_disks(0); }

  v1::DefineTdxDomainRequest request_ = GoodDefinition();
  ParsedDomainCache memory_;
};

TEST_F(PathConflictsTest, RefuseOneImageUnderTwoNamesInOneDomain) {
  request_.mutable_domain()->add_disks()->mutable_file()->set_path(
      absl::StrCat(kImages, "again.raw"));
  EXPECT_THAT(Check(false),
              Fails(kConflict,
                    "domain.disks[1].file.path: '/var/lib/libvirt/images/again.raw' is the same "
                    "storage as domain.disks[0].file.path",
                    "PATH_IN_USE"));
  request_.mutable_domain()->mutable_disks(1)->mutable_file()->set_path(
      absl::StrCat(kImages, "data.raw"));
  EXPECT_TRUE(Check(false).value.ok());
}

TEST_F(PathConflictsTest, RefuseOneDeviceUnderTwoNamesInOneDomain) {
  files_->MakeBlockDevice("/dev/dm-3");
  files_->MakeLink("/dev/mapper/a", "../dm-3");
  disk().mutable_block()->set_path("/dev/mapper/a");
  request_.mutable_domain()->add_disks()->mutable_block()->set_path("/dev/dm-3");
  EXPECT_THAT(Check(false), Fails(kConflict, "domain.disks[1].block.path", "PATH_IN_USE"));
}

TEST_F(PathConflictsTest, RefuseAStartOnADiskThatAnActiveDomainWritesTo) {
  AddOther(true, DiskXml("again.raw"));
  EXPECT_TRUE(Check(false).value.ok());
  EXPECT_THAT(
      Check(true),
      Fails(kConflict, "is written by the active domain 'other'; stop that one", "PATH_IN_USE"));
}

TEST_F(PathConflictsTest, LeaveAloneWhatOnlyOneOfThemWrites) {
  AddOther(true, DiskXml("demo.raw", "<readonly/>"));
  EXPECT_TRUE(Check(true).value.ok());
  AddOther(true, DiskXml("demo.raw"));
  disk().set_read_only(true);
  EXPECT_TRUE(Check(true).value.ok());
}

TEST_F(PathConflictsTest, LeaveAloneADomainThatHasNoProcessAndTheDomainItself) {
  AddOther(false, DiskXml("demo.raw"));
  EXPECT_TRUE(Check(true).value.ok());
  AddOther(true, DiskXml("demo.raw"));
  request_.mutable_domain()->set_uuid(kOtherUuid);
  EXPECT_TRUE(Check(true).value.ok());
}

TEST_F(PathConflictsTest, LetTwoDomainsShareADiskWhereBothSaySo) {
  AddOther(true, DiskXml("demo.raw", "<shareable/>"));
  EXPECT_FALSE(Check(true).value.ok());
  disk().set_shareable(true);
  EXPECT_TRUE(Check(true).value.ok());
  AddOther(true, DiskXml("demo.raw"));
  EXPECT_FALSE(Check(true).value.ok());
}

TEST_F(PathConflictsTest, RefuseALogThatIsADiskOfTheDomain) {
  files_->MakeHardLink("/var/log/libvirt/sly.log", absl::StrCat(kImages, "demo.raw"));
  request_.mutable_domain()->set_serial_log_path("/var/log/libvirt/sly.log");
  EXPECT_THAT(Check(false), Fails(kConflict,
                                  "domain.serial_log_path: '/var/log/libvirt/sly.log' is the same "
                                  "file as domain.disks[0].file.path; name a log of its own",
                                  "PATH_IN_USE"));
}

TEST_F(PathConflictsTest, RefuseTheLogOfAnotherDomainThereOrYetToBeMade) {
  AddOther(false,
           "<serial type='pty'><log file='/var/log/libvirt/td.log'/></serial>"
           "<console type='pty'><log file='/var/log/libvirt/later.log'/></console>");
  files_->MakeHardLink("/var/log/libvirt/alias.log", "/var/log/libvirt/td.log");
  for (const char* log : {"td.log", "later.log", "alias.log"}) {
    request_.mutable_domain()->set_serial_log_path(absl::StrCat("/var/log/libvirt/", log));
    EXPECT_THAT(Check(false), Fails(kConflict, "is the log of domain 'other'", "PATH_IN_USE"));
  }
  request_.mutable_domain()->set_serial_log_path("/var/log/libvirt/own.log");
  EXPECT_TRUE(Check(false).value.ok());
}

TEST_F(PathConflictsTest, RefuseAnotherDomainsDiskAsALog) {
  AddOther(false, DiskXml("data.raw"));
  request_.mutable_domain()->set_serial_log_path(absl::StrCat(kImages, "data.raw"));
  EXPECT_THAT(Check(false), Fails(kConflict, "is a disk of domain 'other'", "PATH_IN_USE"));
}

TEST_F(PathConflictsTest, RefuseAStartOnAnotherDomainsLogByWhateverName) {
  files_->MakeHardLink(absl::StrCat(kImages, "sly.raw"), "/var/log/libvirt/td.log");
  AddOther(false, "<serial type='pty'><log file='/var/log/libvirt/td.log'/></serial>");
  disk().mutable_file()->set_path(absl::StrCat(kImages, "sly.raw"));
  for (const bool read_only : {false, true}) {
    disk().set_read_only(read_only);
    EXPECT_THAT(Check(true),
                Fails(kConflict, "sly.raw' is the log of domain 'other'; name other storage",
                      "PATH_IN_USE"));
  }
  AddOther(false, "<serial type='pty'><log file='/var/log/libvirt/not-there.log'/></serial>");
  EXPECT_TRUE(Check(true).value.ok());
}

class SocketConflictsTest : public PathConflictsTest {
 protected:
  SocketConflictsTest() {
    files_->MakeSocket("/run/vhost/port", absl::OkStatus());
    files_->MakeHardLink("/run/vhost/alias", "/run/vhost/port");
  }
  void AddPort(const std::string& path, bool server) {
    auto& port = *request_.mutable_domain()->add_interfaces()->mutable_vhost_user();
    port.set_socket_path(path);
    port.set_server(server);
  }
  void AddOthersPort(bool active, const std::string& mode) {
    AddOther(active, absl::StrCat("<interface type='vhostuser'><source type='unix' "
                                  "path='/run/vhost/port' mode='",
                                  mode, "'/></interface>"));
  }
};

TEST_F(SocketConflictsTest, RefuseAStartThatListensInAnotherGuestsPlaceOrConnectsToIt) {
  for (const char* path : {"/run/vhost/port", "/run/vhost/alias"}) {
    for (const bool server : {true, false}) {
      request_.mutable_domain()->clear_interfaces();
      AddPort(path, server);
      AddOthersPort(true, server ? "client" : "server");
      EXPECT_THAT(Check(true),
                  Fails(kConflict, "is the socket of the active domain 'other'", "PATH_IN_USE"));
      EXPECT_TRUE(Check(false).value.ok());
      AddOthersPort(false, "server");
      EXPECT_TRUE(Check(true).value.ok());
    }
  }
}

TEST_F(SocketConflictsTest, LetTwoGuestsConnectToOneSwitch) {
  AddPort("/run/vhost/port", false);
  AddOthersPort(true, "client");
  EXPECT_TRUE(Check(true).value.ok());
}

TEST_F(SocketConflictsTest, RefuseTwoInterfacesOfWhichOneListensInTheOthersPlace) {
  AddPort("/run/vhost/new", true);
  AddPort("/run/vhost/new", true);
  EXPECT_THAT(Check(false),
              Fails(kConflict, "is the same socket as domain.interfaces[", "PATH_IN_USE"));
  request_.mutable_domain()->mutable_interfaces()->RemoveLast();
  AddPort("/run/vhost/other", true);
  EXPECT_TRUE(Check(false).value.ok());
}

TEST_F(PathConflictsTest, ArePartOfADefinition) {
  auto request = GoodDefinition();
  request.mutable_domain()->add_disks()->mutable_file()->set_path(
      absl::StrCat(kImages, "again.raw"));
  EXPECT_THAT(Define(request), Fails(kConflict, "is the same storage as", "PATH_IN_USE"));
  EXPECT_TRUE(absl::IsNotFound(hypervisor_->FindByUuid(kUuid).status()));
}

TEST_F(PathConflictsTest, OfADomainThatIsGoneMeanwhileRefuseNothing) {
  parsed_domains_->Read(
      kOtherUuid, absl::StrCat("<domain type='kvm' id='7'><name>other</name><uuid>", kOtherUuid,
                               "</uuid><devices>", DiskXml("demo.raw"), "</devices></domain>"));
  request_.set_start(true);
  EXPECT_TRUE(Define(request_).ok());
}

}  // namespace
}  // namespace ccplace
