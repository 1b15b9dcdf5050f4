// Definitions, by ccplaced and by libvirt's own client.
#ifndef CCPLACE_TESTS_BENCHMARK_RPC_DEFINER_H_
#define CCPLACE_TESTS_BENCHMARK_RPC_DEFINER_H_

#include <libvirt/libvirt.h>

#include <memory>
#include <string>

#include "ccplace/v1/host_service.grpc.pb.h"

namespace ccplace::benchmark {

// Makes the same domains in one way or the other, each told by its number. Ends the program at the
// first failure. Thread-safe; each thread of libvirt's own client wants a connection of its own.
class Definer {
 public:
  using Connection = std::unique_ptr<virConnect, int (*)(virConnectPtr)>;

  // Domains with a disk at `disk_path`, by the ccplaced at `address`.
  Definer(const std::string& address, std::string libvirt_uri, std::string disk_path);

  Connection Connect() const;

  v1::DefineTdxDomainRequest Request(int number) const;
  void Define(int number) const;
  // What ccplaced would give libvirt to define, and answer.
  const v1::DefineTdxDomainResponse& dry_run() const { return dry_run_; }

  void DefineRaw(virConnectPtr connection, int number) const;
  // With what no service that must be sure can leave out: is it there, and what did libvirt make
  // of it.
  void DefineWithCare(virConnectPtr connection, int number) const;
  static void Undefine(virConnectPtr connection, int number);

  // Has ccplaced read the host anew.
  void Refresh() const;

 private:
  v1::DefineTdxDomainResponse Call(const v1::DefineTdxDomainRequest& request) const;
  std::string XmlOf(int number) const;

  const std::unique_ptr<v1::HostService::Stub> stub_;
  const std::string libvirt_uri_;
  const std::string disk_path_;
  const v1::DefineTdxDomainResponse dry_run_;
};

}  // namespace ccplace::benchmark

#endif  // CCPLACE_TESTS_BENCHMARK_RPC_DEFINER_H_
