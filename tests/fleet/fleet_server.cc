// Plays the ccplaced of many hosts for `ccplacectl fleet`: FOLDER/host-0.sock, host-1.sock, ... All
// are alike, but for three with an older TDX module and one with other firmware.
// usage: fleet_server FOLDER HOSTS     (says "ready"; ends with its standard input)
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "ccplace/v1/host_service.grpc.pb.h"

namespace ccplace {
namespace {

constexpr int kOlderModules = 3;
constexpr int kKeys = 63;

class Host final : public v1::HostService::Service {
 public:
  Host(const std::string& module, char firmware) {
    v1::HostCapabilities& host = *answer_.mutable_capabilities();
    host.set_architecture("x86_64");
    host.mutable_versions()->set_kernel("7.2.1");
    host.mutable_versions()->set_ccplaced("0.1.0");
    host.mutable_versions()->set_tdx_module(module);
    host.mutable_policy()->set_default_machine_type("q35");
    host.mutable_tdx_firmware()->set_path("/usr/share/ovmf/OVMF.inteltdx.ms.fd");
    host.mutable_tdx_firmware()->set_mrtd(std::string(48, firmware));
    v1::ModelCapability& tdx = *host.add_models();
    tdx.set_model(v1::ENCRYPTION_MODEL_INTEL_TDX);
    tdx.set_verdict(v1::SUPPORT_SUPPORTED);
    tdx.set_attestation(v1::SUPPORT_SUPPORTED);
    for (int i = 0; i < 12; ++i) AddCheck(tdx);
    for (v1::Figure* figure :
         {tdx.mutable_keys()->mutable_total(), tdx.mutable_keys()->mutable_usable(),
          tdx.mutable_keys()->mutable_free()}) {
      figure->set_value(kKeys);
      figure->set_source("/sys/fs/cgroup/misc.capacity");
    }
  }

  grpc::Status HostCapabilities(grpc::ServerContext*, const v1::HostCapabilitiesRequest*,
                                v1::HostCapabilitiesResponse* answer) override {
    *answer = answer_;
    return grpc::Status::OK;
  }

 private:
  static void AddCheck(v1::ModelCapability& model) {
    v1::Check& check = *model.add_checks();
    check.set_kind(v1::CHECK_KIND_FIRMWARE);
    check.set_result(v1::CHECK_RESULT_PASS);
    check.set_gate(true);
    check.set_found("/usr/share/ovmf/OVMF.inteltdx.ms.fd");
    check.set_source("/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json");
  }

  v1::HostCapabilitiesResponse answer_;
};

// One server for the sockets `begin` to `end`.
std::unique_ptr<grpc::Server> Serve(const std::string& folder, int begin, int end, Host& host) {
  grpc::ServerBuilder builder;
  builder.RegisterService(&host);
  for (int i = begin; i < end; ++i) {
    builder.AddListeningPort("unix:" + folder + "/host-" + std::to_string(i) + ".sock",
                             grpc::InsecureServerCredentials());
  }
  return builder.BuildAndStart();
}

// Each socket is an open file.
void LiftFileLimit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(const std::string& folder, int hosts) {
  LiftFileLimit();
  Host alike("1.5.24", '\xa7');
  Host older("1.5.16", '\xa7');
  Host other("1.5.24", '\x5c');
  const int common = hosts - kOlderModules - 1;
  std::vector<std::unique_ptr<grpc::Server>> servers;
  servers.push_back(Serve(folder, 0, common, alike));
  servers.push_back(Serve(folder, common, hosts - 1, older));
  servers.push_back(Serve(folder, hosts - 1, hosts, other));
  for (const auto& server : servers) {
    if (server == nullptr) return 1;
  }
  std::cout << "ready" << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  return 0;
}

}  // namespace
}  // namespace ccplace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return ccplace::Main(argv[1], std::stoi(argv[2]));
}
