#include "tests/unit/client/fake_host.h"

#include <stdlib.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "lib/request/rules.h"

namespace ccplace {
namespace {

void SetFigure(uint64_t value, const std::string& source, v1::Figure& figure) {
  figure.set_value(value);
  figure.set_source(source);
}

void AddCheck(v1::CheckKind kind, const std::string& found, const std::string& source,
              v1::ModelCapability& model) {
  v1::Check& check = *model.add_checks();
  check.set_kind(kind);
  check.set_result(v1::CHECK_RESULT_PASS);
  check.set_gate(true);
  check.set_found(found);
  check.set_source(source);
}

void FillTdx(v1::ModelCapability& tdx) {
  tdx.set_verdict(v1::SUPPORT_SUPPORTED);
  tdx.set_attestation(v1::SUPPORT_SUPPORTED);
  AddCheck(v1::CHECK_KIND_ARCHITECTURE, "x86_64", "uname", tdx);
  AddCheck(v1::CHECK_KIND_KERNEL_PARAMETER, "Y", "/sys/module/kvm_intel/parameters/tdx", tdx);
  v1::KeyInventory& keys = *tdx.mutable_keys();
  SetFigure(63, "/sys/fs/cgroup/misc.capacity", *keys.mutable_total());
  keys.mutable_limit()->set_source("--tdx_guest_limit is not set");
  SetFigure(0, "--reserved_tdx_keys", *keys.mutable_reserved());
  SetFigure(63, "computed", *keys.mutable_usable());
  SetFigure(2, "/sys/fs/cgroup/misc.current", *keys.mutable_in_use());
  SetFigure(61, "computed", *keys.mutable_free());
  keys.mutable_unaccounted()->set_source("libvirt was not reached");
}

v1::HostCapabilities HostWithTdx() {
  v1::HostCapabilities host;
  host.set_node_name("node-1");
  host.set_architecture("x86_64");
  host.mutable_versions()->set_kernel("6.18.2");
  host.mutable_versions()->set_ccplaced("0.1.0");
  host.mutable_policy()->set_cpu_mode("host-passthrough");
  host.mutable_policy()->set_virt_type("kvm");
  host.mutable_policy()->set_default_machine_type("q35");
  for (const auto model : {v1::ENCRYPTION_MODEL_INTEL_TDX, v1::ENCRYPTION_MODEL_AMD_SEV,
                           v1::ENCRYPTION_MODEL_AMD_SEV_ES, v1::ENCRYPTION_MODEL_AMD_SEV_SNP}) {
    v1::ModelCapability& capability = *host.add_models();
    capability.set_model(model);
    capability.set_verdict(v1::SUPPORT_UNSUPPORTED);
    capability.set_attestation(v1::SUPPORT_UNKNOWN);
  }
  FillTdx(*host.mutable_models(0));
  host.mutable_tdx_firmware()->set_path("/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  host.mutable_tdx_firmware()->set_sha384(std::string(48, '\xAB'));
  host.mutable_tdx_firmware()->set_mrtd(std::string(48, '\xCD'));
  return host;
}

}  // namespace

FakeHost::FakeHost() : host_(HostWithTdx()) {
  char folder[] = "/tmp/ccplace-client-test.XXXXXX";
  folder_ = mkdtemp(folder);
  address_ = "unix:" + folder_ + "/ccplaced.sock";
  Serve();
}

FakeHost::~FakeHost() {
  Stop();
  unlink((folder_ + "/ccplaced.sock").c_str());
  rmdir(folder_.c_str());
}

void FakeHost::Serve() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

void FakeHost::Stop() {
  if (server_ == nullptr) return;
  BreakStreams();
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

void FakeHost::FailWith(const grpc::Status& status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = status;
}

void FakeHost::AnswerAfter(std::chrono::milliseconds delay) {
  const std::lock_guard<std::mutex> lock(mutex_);
  delay_ = delay;
}

void FakeHost::Change(const std::function<void(v1::HostCapabilities&)>& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  change(host_);
  ++revision_;
  changed_.notify_all();
}

void FakeHost::BreakStreams() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++breaks_;
  changed_.notify_all();
}

bool FakeHost::WaitForWatcher() {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return watchers_ > 0; });
}

std::string FakeHost::last_request() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_request_;
}

const v1::KeyInventory& FakeHost::TdxKeys() const { return host_.models(0).keys(); }

grpc::Status FakeHost::Enter(const google::protobuf::Message& request) {
  std::unique_lock<std::mutex> lock(mutex_);
  last_request_ = request.ShortDebugString();
  const std::chrono::milliseconds delay = delay_;
  const grpc::Status failure = failure_;
  lock.unlock();
  std::this_thread::sleep_for(delay);
  return failure;
}

grpc::Status FakeHost::HostCapabilities(grpc::ServerContext*,
                                        const v1::HostCapabilitiesRequest* request,
                                        v1::HostCapabilitiesResponse* response) {
  const grpc::Status entered = Enter(*request);
  const std::lock_guard<std::mutex> lock(mutex_);
  *response->mutable_capabilities() = host_;
  return entered;
}

grpc::Status FakeHost::TdxInventory(grpc::ServerContext*, const v1::TdxInventoryRequest* request,
                                    v1::TdxInventoryResponse* response) {
  const grpc::Status entered = Enter(*request);
  const std::lock_guard<std::mutex> lock(mutex_);
  *response->mutable_keys() = TdxKeys();
  return entered;
}

grpc::Status FakeHost::WatchHost(grpc::ServerContext*, const v1::WatchHostRequest* request,
                                 grpc::ServerWriter<v1::WatchHostResponse>* writer) {
  const grpc::Status entered = Enter(*request);
  if (!entered.ok()) return entered;
  std::unique_lock<std::mutex> lock(mutex_);
  const uint64_t breaks = breaks_;
  ++watchers_;
  changed_.notify_all();
  for (uint64_t seen = 0; breaks == breaks_;) {
    v1::WatchHostResponse state;
    *state.mutable_capabilities() = host_;
    *state.mutable_tdx_keys() = TdxKeys();
    state.mutable_freshness()->set_revision(seen = revision_);
    if (!writer->Write(state)) break;
    changed_.wait(lock, [&] { return seen != revision_ || breaks != breaks_; });
  }
  --watchers_;
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "ccplaced is stopping");
}

grpc::Status FakeHost::ValidateRequest(grpc::ServerContext*,
                                       const v1::ValidateRequestRequest* request,
                                       v1::ValidateRequestResponse* response) {
  const grpc::Status entered = Enter(*request);
  const std::lock_guard<std::mutex> lock(mutex_);
  EvaluateRequest(*request, host_.policy(), *response);
  response->mutable_host()->set_can_run_now(host_.models(0).verdict());
  return entered;
}

void FakeHost::ChangeDefined(const std::function<void(v1::DefineTdxDomainResponse&)>& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  change_defined_ = change;
}

void FakeHost::ChangeDomains(const std::function<void(v1::TdxDomain&)>& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [name, domain] : domains_) change(domain);
}

grpc::Status FakeHost::DefineTdxDomain(grpc::ServerContext*,
                                       const v1::DefineTdxDomainRequest* request,
                                       v1::DefineTdxDomainResponse* response) {
  const grpc::Status entered = Enter(*request);
  if (!entered.ok()) return entered;
  const std::lock_guard<std::mutex> lock(mutex_);
  response->set_uuid(request->domain().uuid());
  response->set_name(request->domain().name());
  response->set_dry_run(request->dry_run());
  response->set_xml("<domain type='kvm'>\n  <name/>\n</domain>\n");
  response->mutable_reference()->set_policy(0x10000000);
  response->mutable_reference()->set_firmware_sha384(std::string(48, '\xAB'));
  if (request->dry_run()) return entered;
  response->set_already_defined(domains_.count(request->domain().name()) > 0);
  response->set_running(request->start());
  v1::TdxDomain& domain = domains_[request->domain().name()];
  domain.set_uuid(request->domain().uuid());
  domain.set_name(request->domain().name());
  domain.set_owner(request->domain().owner());
  domain.set_state(request->start() ? v1::DOMAIN_STATE_RUNNING : v1::DOMAIN_STATE_SHUT_OFF);
  domain.mutable_defined_at()->set_seconds(1767225600);  // 2026-01-01T00:00:00Z
  *domain.mutable_reference() = response->reference();
  domain.mutable_reference()->set_mrtd(std::string(48, '\xCD'));
  domain.mutable_reference()->set_mr_config_id(request->launch().mr_config_id());
  response->set_state(domain.state());
  change_defined_(*response);
  return entered;
}

grpc::Status FakeHost::UndefineTdxDomain(grpc::ServerContext*,
                                         const v1::UndefineTdxDomainRequest* request,
                                         v1::UndefineTdxDomainResponse* response) {
  const grpc::Status entered = Enter(*request);
  const std::lock_guard<std::mutex> lock(mutex_);
  response->set_uuid(request->uuid());
  response->set_already_gone(true);
  for (auto it = domains_.begin(); it != domains_.end(); ++it) {
    if (it->second.uuid() != request->uuid()) continue;
    response->set_already_gone(false);
    response->set_stopped(it->second.state() == v1::DOMAIN_STATE_RUNNING);
    domains_.erase(it);
    break;
  }
  return entered;
}

void FakeHost::AddUnread(const v1::UnreadDomain& domain) {
  const std::lock_guard<std::mutex> lock(mutex_);
  unread_.push_back(domain);
}

grpc::Status FakeHost::ListTdxDomains(grpc::ServerContext*,
                                      const v1::ListTdxDomainsRequest* request,
                                      v1::ListTdxDomainsResponse* response) {
  const grpc::Status entered = Enter(*request);
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, domain] : domains_) *response->add_domains() = domain;
  response->mutable_unread()->Add(unread_.begin(), unread_.end());
  return entered;
}

}  // namespace ccplace
