#include "tests/benchmark/rpc/definer.h"

#include <grpcpp/grpcpp.h>
#include <libvirt/virterror.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tests/support/good_definition.h"

namespace ccplace::benchmark {
namespace {

using Domain = std::unique_ptr<virDomain, int (*)(virDomainPtr)>;

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "define_benchmark: " << what << "\n";
  std::exit(1);
}

std::string Uuid(int number) { return absl::StrFormat("00000000-0000-4000-8000-%012d", number); }
std::string Name(int number) { return absl::StrFormat("benchmark-%06d", number); }

Domain Find(virConnectPtr connection, int number) {
  return {virDomainLookupByUUIDString(connection, Uuid(number).c_str()), virDomainFree};
}

Domain Made(virConnectPtr connection, const std::string& xml) {
  Domain domain(virDomainDefineXMLFlags(connection, xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE),
                virDomainFree);
  if (domain == nullptr) Fail("libvirt refused the definition");
  return domain;
}

v1::DefineTdxDomainRequest DryRun(v1::DefineTdxDomainRequest request) {
  request.set_dry_run(true);
  return request;
}

}  // namespace

Definer::Definer(const std::string& address, std::string libvirt_uri, std::string disk_path)
    : stub_(v1::HostService::NewStub(
          grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))),
      libvirt_uri_(std::move(libvirt_uri)),
      disk_path_(std::move(disk_path)),
      dry_run_(Call(DryRun(Request(0)))) {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});  // It would print each "not found".
}

Definer::Connection Definer::Connect() const {
  Connection connection(virConnectOpen(libvirt_uri_.c_str()), virConnectClose);
  if (connection == nullptr) Fail("no connection to libvirt");
  return connection;
}

v1::DefineTdxDomainRequest Definer::Request(int number) const {
  v1::DefineTdxDomainRequest request = GoodDefinition();
  v1::TdxDomainSpec& domain = *request.mutable_domain();
  domain.set_uuid(Uuid(number));
  domain.set_name(Name(number));
  domain.mutable_disks(0)->mutable_file()->set_path(disk_path_);
  v1::NetworkInterface& interface = *domain.add_interfaces();
  interface.mutable_network()->set_network("default");
  interface.set_mac("52:54:00:12:34:56");
  return request;
}

v1::DefineTdxDomainResponse Definer::Call(const v1::DefineTdxDomainRequest& request) const {
  grpc::ClientContext context;
  v1::DefineTdxDomainResponse answer;
  const grpc::Status status = stub_->DefineTdxDomain(&context, request, &answer);
  if (!status.ok()) Fail(status.error_message());
  return answer;
}

void Definer::Define(int number) const { Call(Request(number)); }

void Definer::Refresh() const {
  grpc::ClientContext context;
  v1::HostCapabilitiesRequest request;
  request.set_refresh(true);
  v1::HostCapabilitiesResponse answer;
  const grpc::Status status = stub_->HostCapabilities(&context, request, &answer);
  if (!status.ok()) Fail(status.error_message());
}

std::string Definer::XmlOf(int number) const {
  return absl::StrReplaceAll(dry_run_.xml(), {{Uuid(0), Uuid(number)}, {Name(0), Name(number)}});
}

void Definer::DefineRaw(virConnectPtr connection, int number) const {
  Made(connection, XmlOf(number));
}

void Definer::DefineWithCare(virConnectPtr connection, int number) const {
  const std::string xml = XmlOf(number);
  if (Find(connection, number) != nullptr) Fail("the domain was there before");
  const Domain domain = Made(connection, xml);
  std::free(virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE));
}

void Definer::Undefine(virConnectPtr connection, int number) {
  const Domain domain = Find(connection, number);
  if (domain == nullptr || virDomainUndefine(domain.get()) != 0) Fail("cannot undefine");
}

}  // namespace ccplace::benchmark
