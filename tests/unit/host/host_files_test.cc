// What every HostFiles does, the real one and the one in memory alike.
#include "lib/host/host_files.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"
#include "lib/host/real_host_files.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A host under test and the means to put things on it.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual const HostFiles& files() const = 0;
  virtual void WriteFile(const std::string& path, const std::string& content) = 0;
  virtual void MakeLink(const std::string& path, const std::string& target) = 0;
  virtual void MakeHardLink(const std::string& path, const std::string& target) = 0;
  virtual void GiveAway(const std::string& folder) = 0;
  // Whether root made what is here.
  virtual bool is_of_root() const = 0;
  virtual void MakeFifo(const std::string& path) = 0;
  virtual void MakeSocket(const std::string& path, bool listens) = 0;
};

class RealBench : public Bench {
 public:
  RealBench() {
    char pattern[] = "/tmp/ccplace-host-XXXXXX";
    root_ = mkdtemp(pattern);
    files_ = *RealHostFiles::Open(root_);
  }
  ~RealBench() override {
    for (const int socket : sockets_) close(socket);
    std::filesystem::remove_all(root_);
  }
  const HostFiles& files() const override { return *files_; }
  void WriteFile(const std::string& path, const std::string& content) override {
    std::ofstream(Prepare(path), std::ios::binary) << content;
  }
  void MakeLink(const std::string& path, const std::string& target) override {
    std::filesystem::create_symlink(target, Prepare(path));
  }
  void MakeHardLink(const std::string& path, const std::string& target) override {
    std::filesystem::create_hard_link(Prepare(target), Prepare(path));
  }
  void GiveAway(const std::string& folder) override {
    std::filesystem::permissions(Prepare(folder), std::filesystem::perms::group_write,
                                 std::filesystem::perm_options::add);
  }
  bool is_of_root() const override { return geteuid() == 0; }
  void MakeFifo(const std::string& path) override {
    ASSERT_EQ(mkfifo(Prepare(path).c_str(), 0600), 0);
  }
  void MakeSocket(const std::string& path, bool listens) override {
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockets_.push_back(server);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, Prepare(path).c_str());
    ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_TRUE(!listens || listen(server, 4) == 0);
  }
  std::string Prepare(const std::string& path) const {
    const std::filesystem::path real = root_ + path;
    std::filesystem::create_directories(real.parent_path());
    return real;
  }

 private:
  std::string root_;
  std::vector<int> sockets_;
  std::unique_ptr<RealHostFiles> files_;
};

class MemoryBench : public Bench {
 public:
  const HostFiles& files() const override { return files_; }
  void WriteFile(const std::string& path, const std::string& content) override {
    files_.WriteFile(path, content);
  }
  void MakeLink(const std::string& path, const std::string& target) override {
    files_.MakeLink(path, target);
  }
  void MakeHardLink(const std::string& path, const std::string& target) override {
    files_.MakeHardLink(path, target);
  }
  void GiveAway(const std::string& folder) override { files_.GiveAway(folder); }
  bool is_of_root() const override { return true; }
  void MakeFifo(const std::string& path) override { files_.MakeOther(path); }
  void MakeSocket(const std::string& path, bool listens) override {
    files_.MakeSocket(path, listens ? absl::OkStatus()
                                    : absl::FailedPreconditionError(path + ": Connection refused"));
  }

 private:
  InMemoryHostFiles files_;
};

enum class Sort { kReal, kMemory };

class HostFilesTest : public ::testing::TestWithParam<Sort> {
 protected:
  void SetUp() override {
    if (GetParam() == Sort::kReal) bench_ = std::make_unique<RealBench>();
    if (GetParam() == Sort::kMemory) bench_ = std::make_unique<MemoryBench>();
  }
  const HostFiles& files() const { return bench_->files(); }

  std::unique_ptr<Bench> bench_;
};

TEST_P(HostFilesTest, ReadsAFileWhole) {
  const std::string content = std::string("tdx 63\0\n", 8) + std::string(50000, 'x');
  bench_->WriteFile("/sys/fs/cgroup/misc.capacity", content);
  EXPECT_EQ(*files().ReadFile("/sys/fs/cgroup/misc.capacity", 60000), content);
}

TEST_P(HostFilesTest, ReadsAnEmptyFile) {
  bench_->WriteFile("/empty", "");
  EXPECT_EQ(*files().ReadFile("/empty", 0), "");
}

TEST_P(HostFilesTest, RefusesAFileOverTheLimitAndTakesOneAtIt) {
  bench_->WriteFile("/f", "12345");
  EXPECT_TRUE(files().ReadFile("/f", 5).ok());
  const absl::Status status = files().ReadFile("/f", 4).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'/f' holds more than 4 bytes"));
}

TEST_P(HostFilesTest, KnowsAFileByWhateverName) {
  bench_->WriteFile("/images/a", "1");
  bench_->WriteFile("/images/b", "1");
  bench_->MakeHardLink("/elsewhere/hard", "/images/a");
  bench_->MakeLink("/soft", "/images/a");
  const std::string a = *files().Identity("/images/a");
  EXPECT_EQ(*files().Identity("/elsewhere/hard"), a);
  EXPECT_EQ(*files().Identity("/soft"), a);
  EXPECT_EQ(*files().Identity("//images/../images/a"), a);
  EXPECT_NE(*files().Identity("/images/b"), a);
  EXPECT_TRUE(absl::IsNotFound(files().Identity("/images/c").status()));
}

TEST_P(HostFilesTest, TellsWhetherOnlyRootDecidesWhereANameLeads) {
  bench_->WriteFile("/dev/dm-3", "");
  bench_->MakeLink("/dev/mapper/volume", "../dm-3");
  bench_->MakeLink("/dev/alias", "mapper");
  EXPECT_EQ(*files().IsRootControlled("/dev/mapper/volume"), bench_->is_of_root());
  EXPECT_EQ(*files().IsRootControlled("/dev//mapper/volume"), bench_->is_of_root());
  EXPECT_FALSE(*files().IsRootControlled("/dev/alias/volume"));
  bench_->MakeLink("/dev/twice", "mapper/volume");
  EXPECT_EQ(*files().IsRootControlled("/dev/twice"), bench_->is_of_root());
  bench_->MakeLink("/home/volume", "/dev/dm-3");
  bench_->GiveAway("/home");
  bench_->MakeLink("/dev/mapper/detour", "/home/volume");
  EXPECT_FALSE(*files().IsRootControlled("/dev/mapper/detour"));
  bench_->MakeLink("/dev/circle", "circle");
  EXPECT_FALSE(*files().IsRootControlled("/dev/circle"));
  bench_->GiveAway("/dev/mapper");
  EXPECT_FALSE(*files().IsRootControlled("/dev/mapper/volume"));
  EXPECT_EQ(*files().IsRootControlled("/dev/dm-3"), bench_->is_of_root());
  EXPECT_TRUE(absl::IsNotFound(files().IsRootControlled("/none/volume").status()));
}

TEST_P(HostFilesTest, TellsThatAFileOrTheNamesInAFolderChanged) {
  bench_->WriteFile("/etc/one", "x");
  const auto changed = [this](absl::string_view path) { return files().Access(path)->changed_ns; };
  const int64_t file = changed("/etc/one");
  EXPECT_EQ(changed("/etc/one"), file);
  // The kernel's clock for files stands still for some milliseconds.
  while (changed("/etc/one") == file) bench_->WriteFile("/etc/one", "y");
  const int64_t folder = changed("/etc");
  for (std::string name = "/etc/two"; changed("/etc") == folder; name += "o") {
    bench_->WriteFile(name, "");
  }
}

TEST_P(HostFilesTest, NamesThePathOfAMissingFile) {
  const absl::Status status = files().ReadFile("/no/such", 10).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'/no/such': No such file or directory"));
}

TEST_P(HostFilesTest, APathThroughAFileIsNotFound) {
  bench_->WriteFile("/f", "x");
  EXPECT_EQ(files().ReadFile("/f/g", 10).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(HostFilesTest, RefusesPathsThatAreNotAbsoluteOrHoldNul) {
  EXPECT_EQ(files().ReadFile("etc", 10).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(files().Kind("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(files().Resolve(absl::string_view("/\0/", 3)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(HostFilesTest, DoesNotWaitForAFifo) {
  bench_->MakeFifo("/fifo");
  EXPECT_EQ(files().ReadFile("/fifo", 10).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(files().Sha384("/fifo").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*files().Kind("/fifo"), FileKind::kOther);
}

TEST_P(HostFilesTest, RefusesToReadADirectory) {
  bench_->WriteFile("/d/f", "x");
  EXPECT_EQ(files().ReadFile("/d", 10).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(HostFilesTest, AbsoluteLinksStayBelowTheHostsRoot) {
  bench_->WriteFile("/etc/os-release", "the host's own");
  bench_->MakeLink("/link", "/etc/os-release");
  EXPECT_EQ(*files().ReadFile("/link", 100), "the host's own");
  EXPECT_EQ(*files().Resolve("/link"), "/etc/os-release");
}

TEST_P(HostFilesTest, DotDotDoesNotLeaveTheHostsRoot) {
  bench_->WriteFile("/etc/f", "x");
  bench_->MakeLink("/etc/up", "../../../../../../etc/f");
  EXPECT_EQ(*files().Resolve("/etc/up"), "/etc/f");
  EXPECT_EQ(*files().Resolve("/../../etc/./../etc/f"), "/etc/f");
  EXPECT_EQ(*files().Resolve("/"), "/");
  EXPECT_EQ(*files().Resolve("/.."), "/");
}

TEST_P(HostFilesTest, FollowsLinksToFolders) {
  bench_->WriteFile("/run/qgs/file", "x");
  bench_->MakeLink("/var/run", "/run");
  EXPECT_EQ(*files().Resolve("/var/run/qgs/file"), "/run/qgs/file");
  EXPECT_THAT(*files().ListDirectory("/var/run"), ElementsAre("qgs"));
}

TEST_P(HostFilesTest, AnEndlessLinkIsAFailedPrecondition) {
  bench_->MakeLink("/a", "/b");
  bench_->MakeLink("/b", "/a");
  EXPECT_EQ(files().ReadFile("/a", 10).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(HostFilesTest, ADanglingLinkIsNotFound) {
  bench_->MakeLink("/a", "/nowhere");
  EXPECT_EQ(files().Kind("/a").status().code(), absl::StatusCode::kNotFound);
}

TEST_P(HostFilesTest, ListsNamesSorted) {
  bench_->WriteFile("/d/b", "");
  bench_->WriteFile("/d/a", "");
  bench_->WriteFile("/d/c/deeper", "");
  EXPECT_THAT(*files().ListDirectory("/d"), ElementsAre("a", "b", "c"));
  EXPECT_EQ(files().ListDirectory("/e").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(files().ListDirectory("/d/a").status().code(), absl::StatusCode::kNotFound);
}

TEST_P(HostFilesTest, TellsKindsApart) {
  bench_->WriteFile("/d/f", "");
  bench_->MakeSocket("/s", true);
  EXPECT_EQ(*files().Kind("/d"), FileKind::kDirectory);
  EXPECT_EQ(*files().Kind("/d/f"), FileKind::kRegular);
  EXPECT_EQ(*files().Kind("/s"), FileKind::kSocket);
}

TEST_P(HostFilesTest, ConnectsToASocketThatListens) {
  bench_->MakeSocket("/run/tdx-qgs/qgs.socket", true);
  bench_->MakeLink("/var/run", "/run");
  EXPECT_TRUE(files().ConnectUnixSocket("/var/run/tdx-qgs/qgs.socket").ok());
}

TEST_P(HostFilesTest, ASocketThatNobodyListensOnIsFailedPrecondition) {
  bench_->MakeSocket("/s", false);
  const absl::Status status = files().ConnectUnixSocket("/s");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Connection refused"));
}

TEST_P(HostFilesTest, AFileIsNoSocket) {
  bench_->WriteFile("/s", "");
  EXPECT_EQ(files().ConnectUnixSocket("/s").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(files().ConnectUnixSocket("/t").code(), absl::StatusCode::kNotFound);
}

// The value for "abc" is FIPS 180's own example.
TEST_P(HostFilesTest, HashesAFile) {
  bench_->WriteFile("/fw", "abc");
  EXPECT_EQ(absl::BytesToHexString(*files().Sha384("/fw")),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
}

TEST_P(HostFilesTest, HashesAFileThatChangedAnew) {
  bench_->WriteFile("/fw", "abc");
  const std::string before = *files().Sha384("/fw");
  bench_->WriteFile("/fw", "abd");
  EXPECT_NE(*files().Sha384("/fw"), before);
  bench_->WriteFile("/fw", "abc");
  EXPECT_EQ(*files().Sha384("/fw"), before);
}

INSTANTIATE_TEST_SUITE_P(Both, HostFilesTest, ::testing::Values(Sort::kReal, Sort::kMemory),
                         [](const auto& sort) {
                           return sort.param == Sort::kReal ? "Real" : "InMemory";
                         });

TEST(RealHostFilesTest, ReadsProcAndSysFilesWhoseStatedSizeIsWrong) {
  const auto files = *RealHostFiles::Open("/");
  EXPECT_THAT(*files->ReadFile("/proc/sys/kernel/ostype", 100), "Linux\n");
}

TEST(RealHostFilesTest, DoesNotOpenADevice) {
  const auto files = *RealHostFiles::Open("/");
  EXPECT_EQ(files->ReadFile("/dev/zero", 10).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(RealHostFilesTest, FollowsAPathUpwardsWhileOthersRenameFiles) {
  RealBench bench;
  bench.WriteFile("/a/b/file", "x");
  bench.WriteFile("/moved/0", "");
  const std::string from = bench.Prepare("/moved/0");
  const std::string to = bench.Prepare("/moved/1");
  std::atomic<bool> done{false};
  std::thread mover([&] {
    while (!done) {
      std::rename(from.c_str(), to.c_str());
      std::rename(to.c_str(), from.c_str());
    }
  });
  int found = 0;
  for (int i = 0; i < 20'000; ++i) found += bench.files().Kind("/a/b/../b/../../a/b/file").ok();
  done = true;
  mover.join();
  EXPECT_EQ(found, 20'000);
}

TEST(RealHostFilesTest, ASocketWithMoreConnectionsThanItTakesIsUnavailable) {
  RealBench bench;
  bench.MakeSocket("/s", true);
  absl::Status last;
  for (int i = 0; i < 100 && last.ok(); ++i) last = bench.files().ConnectUnixSocket("/s");
  EXPECT_EQ(last.code(), absl::StatusCode::kUnavailable) << last;
}

TEST(RealHostFilesTest, AMissingHostRootIsNamed) {
  const absl::Status status = RealHostFiles::Open("/no/such/root").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such/root"));
}

TEST(RealHostFilesTest, AFileThatMayNotBeReadIsPermissionDenied) {
  RealBench bench;
  bench.WriteFile("/secret", "x");
  ASSERT_EQ(chmod(bench.Prepare("/secret").c_str(), 0), 0);
  ASSERT_EQ(chmod(bench.Prepare("/").c_str(), 0755), 0);
  // Root reads anything: be somebody else to the file system, in this thread alone.
  setfsuid(geteuid() == 0 ? 65534 : geteuid());
  const absl::Status status = bench.files().ReadFile("/secret", 10).status();
  setfsuid(geteuid());
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
}

TEST(RealHostFilesTest, ListsNoMoreThanTheLimit) {
  RealBench bench;
  for (size_t i = 0; i < kDirectoryLimit; ++i) bench.WriteFile("/d/" + std::to_string(i), "");
  EXPECT_EQ(bench.files().ListDirectory("/d")->size(), kDirectoryLimit);
  bench.WriteFile("/d/last", "");
  EXPECT_EQ(bench.files().ListDirectory("/d").status().code(), absl::StatusCode::kOutOfRange);
}

TEST(InMemoryHostFilesTest, FailsWhereToldToUntilToldOtherwise) {
  InMemoryHostFiles files;
  files.WriteFile("/sys/fs/cgroup/misc.capacity", "tdx 63\n");
  files.FailAt("/sys/fs", absl::PermissionDeniedError("no"));
  EXPECT_EQ(files.ReadFile("/sys/fs/cgroup/misc.capacity", 99).status(),
            absl::PermissionDeniedError("no"));
  files.FailAt("/sys/fs", absl::OkStatus());
  EXPECT_TRUE(files.ReadFile("/sys/fs/cgroup/misc.capacity", 99).ok());
}

TEST(InMemoryHostFilesTest, RemovesWhatIsBelow) {
  InMemoryHostFiles files;
  files.WriteFile("/sys/module/kvm_intel/parameters/tdx", "Y\n");
  files.WriteFile("/sys/module/kvm_intel2", "");
  files.Remove("/sys/module/kvm_intel");
  EXPECT_THAT(*files.ListDirectory("/sys/module"), ElementsAre("kvm_intel2"));
}

}  // namespace
}  // namespace ccplace
