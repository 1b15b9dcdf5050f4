#include "lib/host/kernel_config.h"

#include <zlib.h>

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// A distribution's has some 300 KiB.
constexpr size_t kConfigLimitBytes = size_t{4} * 1024 * 1024;
constexpr absl::string_view kProcConfig = "/proc/config.gz";
constexpr int kGzipWindow = 16 + MAX_WBITS;  // A gzip header is wanted (zlib.h, inflateInit2).

// Ends a zlib stream however its user returns.
class Inflater {
 public:
  Inflater() : is_open_(inflateInit2(&stream_, kGzipWindow) == Z_OK) {}
  ~Inflater() {
    if (is_open_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  absl::StatusOr<std::string> Inflate(const std::string& packed);

 private:
  z_stream stream_ = {};
  const bool is_open_;
};

absl::StatusOr<std::string> Inflater::Inflate(const std::string& packed) {
  std::string content;
  std::array<unsigned char, 65536> piece;
  // zlib's interface takes no const; it does not write there.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream_.avail_in = static_cast<uInt>(packed.size());
  int result = is_open_ ? Z_OK : Z_MEM_ERROR;
  while (result == Z_OK) {
    stream_.next_out = piece.data();
    stream_.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream_, Z_NO_FLUSH);
    content.append(reinterpret_cast<const char*>(piece.data()), piece.size() - stream_.avail_out);
    if (content.size() > kConfigLimitBytes) {
      return absl::OutOfRangeError(absl::StrCat(kProcConfig, " is longer than any configuration"));
    }
  }
  if (result == Z_STREAM_END) return content;
  return absl::InvalidArgumentError(absl::StrCat(kProcConfig, " cannot be unpacked"));
}

absl::StatusOr<KernelConfig> ConfigIn(std::string text, absl::string_view path) {
  if (absl::StrContains(text, "CONFIG_")) return KernelConfig{std::move(text), std::string(path)};
  return absl::InvalidArgumentError(absl::StrCat(Quoted(path), " is no kernel configuration"));
}

}  // namespace

absl::StatusOr<KernelConfig> ReadKernelConfig(const HostFiles& files, absl::string_view release) {
  if (release.empty() || absl::StrContains(release, '/')) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(release), " is no kernel release"));
  }
  const std::string path = absl::StrCat("/boot/config-", release);
  absl::StatusOr<std::string> config = files.ReadFile(path, kConfigLimitBytes);
  if (config.ok()) return ConfigIn(*std::move(config), path);
  const absl::StatusOr<std::string> packed = files.ReadFile(kProcConfig, kConfigLimitBytes);
  if (absl::IsNotFound(packed.status())) return config.status();
  if (!packed.ok()) return packed.status();
  absl::StatusOr<std::string> unpacked = Inflater().Inflate(*packed);
  if (!unpacked.ok()) return unpacked.status();
  return ConfigIn(*std::move(unpacked), kProcConfig);
}

// The kernel's build leaves an option that is off in a comment, or out.
bool IsBuiltWith(const KernelConfig& config, absl::string_view option) {
  const absl::string_view text = config.text;
  for (size_t at = text.find(option); at != absl::string_view::npos;
       at = text.find(option, at + option.size())) {
    if (at > 0 && text[at - 1] != '\n') continue;
    const absl::string_view rest = text.substr(at + option.size());
    const absl::string_view value = rest.substr(0, rest.find('\n'));
    if (value == "=y" || value == "=m") return true;
  }
  return false;
}

}  // namespace ccplace
