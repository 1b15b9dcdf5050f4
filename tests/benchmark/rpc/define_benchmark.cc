// DefineTdxDomain against libvirt's own client: the same definitions, validated, on one libvirtd in
// turn. usage: define_benchmark CCPLACED_ADDRESS LIBVIRT_URI DISK_PATH ECHO_SERVER_BINARY [ROUNDS]
// Prints one line of JSON: medians in milliseconds.
#include <grpcpp/grpcpp.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "ccplace/v1/host_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/echo.h"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

using Stub = v1::HostService::Stub;
using Connection = std::unique_ptr<virConnect, int (*)(virConnectPtr)>;
using Domain = std::unique_ptr<virDomain, int (*)(virDomainPtr)>;

// Longer than the daemon takes to have heard of a change and read it: it is at rest when it is
// measured, and libvirtd when it is measured without it.
constexpr std::chrono::milliseconds kRest{200};

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "define_benchmark: " << what << "\n";
  std::exit(1);
}

std::string Uuid(int number) { return absl::StrFormat("00000000-0000-4000-8000-%012d", number); }
std::string Name(int number) { return absl::StrFormat("benchmark-%06d", number); }

v1::DefineTdxDomainRequest Request(const std::string& disk, int number) {
  v1::DefineTdxDomainRequest request;
  v1::TdxDomainSpec& domain = *request.mutable_domain();
  domain.set_uuid(Uuid(number));
  domain.set_name(Name(number));
  domain.set_vcpus(8);
  domain.set_memory_mib(16384);
  domain.add_disks()->mutable_file()->set_path(disk);
  v1::NetworkInterface& interface = *domain.add_interfaces();
  interface.mutable_network()->set_network("default");
  interface.set_mac("52:54:00:12:34:56");
  auto& specs = *request.mutable_flavor()->mutable_extra_specs();
  specs["hw:mem_encryption"] = "true";
  specs["hw:mem_encryption_model"] = "intel-tdx";
  auto& properties = *request.mutable_image()->mutable_properties();
  properties["hw_firmware_type"] = "uefi";
  properties["hw_firmware_stateless"] = "true";
  properties["hw_machine_type"] = "q35";
  properties["hw_video_model"] = "none";
  return request;
}

v1::DefineTdxDomainResponse Define(Stub& stub, const v1::DefineTdxDomainRequest& request) {
  grpc::ClientContext context;
  v1::DefineTdxDomainResponse answer;
  const grpc::Status status = stub.DefineTdxDomain(&context, request, &answer);
  if (!status.ok()) Fail(status.error_message());
  return answer;
}

void Refresh(Stub& stub) {
  grpc::ClientContext context;
  v1::HostCapabilitiesRequest request;
  request.set_refresh(true);
  v1::HostCapabilitiesResponse answer;
  const grpc::Status status = stub.HostCapabilities(&context, request, &answer);
  if (!status.ok()) Fail(status.error_message());
}

Domain DefineRaw(virConnectPtr connection, const std::string& xml) {
  Domain domain(virDomainDefineXMLFlags(connection, xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE),
                virDomainFree);
  if (domain == nullptr) Fail("libvirt refused the definition");
  return domain;
}

// What no service that must be sure can leave out: is it there, and what did libvirt make of it.
void DefineWithCare(virConnectPtr connection, const std::string& xml, int number) {
  const Domain by_uuid(virDomainLookupByUUIDString(connection, Uuid(number).c_str()),
                       virDomainFree);
  if (by_uuid != nullptr) Fail("the domain was there before");
  const Domain domain = DefineRaw(connection, xml);
  std::free(virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE));
}

void Undefine(virConnectPtr connection, int number) {
  const Domain domain(virDomainLookupByUUIDString(connection, Uuid(number).c_str()), virDomainFree);
  if (domain == nullptr || virDomainUndefine(domain.get()) != 0) Fail("cannot undefine");
}

double MillisecondsOf(const std::function<void()>& step) {
  std::this_thread::sleep_for(kRest);
  const auto begun = std::chrono::steady_clock::now();
  step();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

nlohmann::json Measure(Stub& stub, virConnectPtr connection, const std::string& disk,
                       const std::string& echo_binary, int rounds) {
  v1::DefineTdxDomainRequest sample = Request(disk, 0);
  sample.set_dry_run(true);
  const v1::DefineTdxDomainResponse answer = Define(stub, sample);
  const std::string& xml = answer.xml();
  const EchoProcess process(echo_binary, answer.ByteSizeLong());
  const auto echo = grpc::CreateChannel(process.address(), grpc::InsecureChannelCredentials());
  const std::string sent = EchoRequestOf(sample.ByteSizeLong());
  CallOnce(echo, kEchoMethod, sent);
  const auto xml_of = [&xml](int number) {
    return absl::StrReplaceAll(xml, {{Uuid(0), Uuid(number)}, {Name(0), Name(number)}});
  };
  std::vector<double> rpc, raw, careful, refresh, bare;
  const std::vector<std::function<void(int)>> steps = {
      [&](int number) {
        const auto request = Request(disk, number);
        rpc.push_back(MillisecondsOf([&] { Define(stub, request); }));
        Undefine(connection, number);
      },
      [&](int number) {
        raw.push_back(MillisecondsOf([&] { DefineRaw(connection, xml_of(number)); }));
        Undefine(connection, number);
      },
      [&](int number) {
        careful.push_back(
            MillisecondsOf([&] { DefineWithCare(connection, xml_of(number), number); }));
        Undefine(connection, number);
      },
      [&](int) { bare.push_back(MillisecondsOf([&] { CallOnce(echo, kEchoMethod, sent); })); },
      [&](int) { refresh.push_back(MillisecondsOf([&] { Refresh(stub); })); }};
  // The first round only warms up. Each step comes after each other one: what a step leaves
  // libvirtd to do is everybody's burden alike.
  for (int number = 0; number < rounds; ++number) {
    const int stride = 1 + number % 4;
    for (int i = 0; i < 5; ++i) steps[static_cast<size_t>(number + i * stride) % 5](number);
  }
  for (auto* values : {&rpc, &raw, &careful, &refresh, &bare}) values->erase(values->begin());
  return {{"rpc_ms", Median(rpc)},
          {"raw_ms", Median(raw)},
          {"careful_ms", Median(careful)},
          {"refresh_ms", Median(refresh)},
          {"echo_ms", Median(bare)}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  int rounds = 30;
  if (argc < 5 || (argc > 5 && !absl::SimpleAtoi(argv[5], &rounds)) || rounds < 2) {
    std::cerr << "usage: define_benchmark CCPLACED_ADDRESS LIBVIRT_URI DISK_PATH"
                 " ECHO_SERVER_BINARY [ROUNDS]\n";
    return 2;
  }
  const auto stub = ccplace::v1::HostService::NewStub(
      grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials()));
  virSetErrorFunc(nullptr,
                  [](void*, virErrorPtr) {});  // It would print each look-up's "not found".
  const ccplace::benchmark::Connection connection(virConnectOpen(argv[2]), virConnectClose);
  if (connection == nullptr) return 1;
  std::cout << ccplace::benchmark::Measure(*stub, connection.get(), argv[3], argv[4], rounds)
            << std::endl;
  return 0;
}
