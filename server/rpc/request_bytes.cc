#include "server/rpc/request_bytes.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

absl::Status NoRequestError(const google::protobuf::Message& request) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the request is no ", request.GetDescriptor()->full_name(), "; regenerate the client"));
}

}  // namespace

absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message& request) {
  if (bytes.Length() == 0) return absl::OkStatus();
  grpc::ByteBuffer copy = bytes;  // The reader wants it writable; the slices are shared.
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && request.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return NoRequestError(request);
}

absl::Status ParseRequest(absl::string_view bytes, google::protobuf::Message& request) {
  if (request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return absl::OkStatus();
  return NoRequestError(request);
}

}  // namespace ccplace
