#include "client/client.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "ccplace/v1/host_service.grpc.pb.h"
#include "client/address.h"
#include "client/channel.h"
#include "client/error_text.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr size_t kMessageLimit = 4096;

absl::Status FromGrpc(const grpc::Status& status) {
  absl::Status out(static_cast<absl::StatusCode>(status.error_code()),
                   Printable(status.error_message(), kMessageLimit));
  if (!status.error_details().empty()) {
    out.SetPayload(kRpcStatusUrl, absl::Cord(status.error_details()));
  }
  return out;
}

// The stream of a WatchHost call; the context lives as long as the reader needs it.
class GrpcWatchStream final : public WatchStream {
 public:
  using Explain = std::function<absl::Status(const grpc::Status&)>;

  GrpcWatchStream(v1::HostService::Stub& stub, const v1::WatchHostRequest& request, Explain explain)
      : reader_(stub.WatchHost(&context_, request)), explain_(std::move(explain)) {}

  std::optional<v1::WatchHostResponse> Next() override {
    v1::WatchHostResponse state;
    if (!finished_ && reader_->Read(&state)) return state;
    Finish();
    return std::nullopt;
  }

  absl::Status status() override {
    Finish();
    return status_;
  }

  void Cancel() override { context_.TryCancel(); }

  ~GrpcWatchStream() override {
    context_.TryCancel();
    Finish();
  }

 private:
  void Finish() {
    if (std::exchange(finished_, true)) return;
    const grpc::Status status = reader_->Finish();
    status_ = status.ok() ? absl::UnavailableError("ccplaced ended the stream") : explain_(status);
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchHostResponse>> reader_;
  const Explain explain_;
  bool finished_ = false;
  absl::Status status_;
};

class GrpcHostClient final : public HostClient {
 public:
  GrpcHostClient(std::shared_ptr<grpc::Channel> channel, Address address, std::string text,
                 std::chrono::milliseconds timeout)
      : channel_(std::move(channel)),
        stub_(v1::HostService::NewStub(channel_)),
        address_(std::move(address)),
        text_(std::move(text)),
        timeout_(timeout) {}

  absl::StatusOr<v1::HostCapabilitiesResponse> HostCapabilities(
      const v1::HostCapabilitiesRequest& request) override {
    return Call(&v1::HostService::Stub::HostCapabilities, request);
  }
  absl::StatusOr<v1::TdxInventoryResponse> TdxInventory(
      const v1::TdxInventoryRequest& request) override {
    return Call(&v1::HostService::Stub::TdxInventory, request);
  }
  absl::StatusOr<v1::ValidateRequestResponse> ValidateRequest(
      const v1::ValidateRequestRequest& request) override {
    return Call(&v1::HostService::Stub::ValidateRequest, request);
  }
  absl::StatusOr<v1::DefineTdxDomainResponse> DefineTdxDomain(
      const v1::DefineTdxDomainRequest& request) override {
    return Call(&v1::HostService::Stub::DefineTdxDomain, request);
  }
  absl::StatusOr<v1::UndefineTdxDomainResponse> UndefineTdxDomain(
      const v1::UndefineTdxDomainRequest& request) override {
    return Call(&v1::HostService::Stub::UndefineTdxDomain, request);
  }
  absl::StatusOr<v1::ListTdxDomainsResponse> ListTdxDomains(
      const v1::ListTdxDomainsRequest& request) override {
    return Call(&v1::HostService::Stub::ListTdxDomains, request);
  }

  std::unique_ptr<WatchStream> WatchHost(const v1::WatchHostRequest& request) override {
    return std::make_unique<GrpcWatchStream>(
        *stub_, request, [this](const grpc::Status& status) { return Explain(status); });
  }

  const std::string& address() const override { return text_; }

 private:
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::HostService::Stub::*rpc)(grpc::ClientContext*,
                                                                           const Request&,
                                                                           Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout_);
    Response response;
    const grpc::Status status = ((*stub_).*rpc)(&context, request, &response);
    if (!status.ok()) return Explain(status);
    return response;
  }

  // Failures to connect differ from errors that the server sent.
  absl::Status Explain(const grpc::Status& status) const {
    const bool connected = channel_->GetState(false) == GRPC_CHANNEL_READY;
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
      return ExplainDeadline(connected);
    const bool unreachable = status.error_code() == grpc::StatusCode::UNAVAILABLE && !connected &&
                             status.error_details().empty();
    if (!unreachable) return FromGrpc(status);
    if (address_.kind == Address::Kind::kUnixSocket) {
      absl::Status probe = ProbeUnixSocket(address_.path);
      if (!probe.ok()) return probe;
    }
    return absl::UnavailableError(absl::StrCat(
        "cannot reach ", Printable(text_), ": ", Printable(status.error_message(), kMessageLimit),
        "; is ccplaced running, does it listen there, and do the TLS options match its own?"));
  }

  absl::Status ExplainDeadline(bool connected) const {
    const absl::string_view remedy =
        connected ? "it may wait for libvirt: try again, or allow more time"
                  : "no connection came up in that time: check the address and the network";
    return absl::DeadlineExceededError(absl::StrCat("no answer from ", Printable(text_), " in ",
                                                    timeout_.count(), " ms; ", remedy));
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::HostService::Stub> stub_;
  const Address address_;
  const std::string text_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HostClient>> HostClient::Create(const ClientOptions& options) {
  if (options.timeout.count() <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("timeout is ", options.timeout.count(), " ms; state one above zero"));
  }
  absl::StatusOr<Address> address = ParseAddress(options.address);
  if (!address.ok()) return address.status();
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(*address, options);
  if (!channel.ok()) return channel.status();
  return std::make_unique<GrpcHostClient>(*std::move(channel), *std::move(address), options.address,
                                          options.timeout);
}

}  // namespace ccplace
