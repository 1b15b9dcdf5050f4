// Reads one cloud's settings by their names.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_SETTING_READER_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_SETTING_READER_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/sync/cloud/cloud_layers.h"

namespace ccplace::sync {

// For one thread. Keeps the first fault that it meets. `layers` must outlive it.
class SettingReader {
 public:
  explicit SettingReader(const CloudLayers& layers) : layers_(layers) {}

  // A setting of `auth`, which may be beside it too, by any of its names; empty when there is none.
  // Two that are not the same are a fault: tools differ on which goes first.
  std::string Auth(std::initializer_list<const char*> names);

  // A setting beside `auth`, likewise.
  std::string Text(std::initializer_list<const char*> names);

  // The same; nullptr when there is none. Whatever its type is.
  const Setting* Raw(const char* name) const;

  // Where the value of an earlier Auth or Text is from.
  const Setting* FoundAt(const char* name) const;

  void Fault(absl::Status status);
  const absl::Status& status() const { return status_; }

 private:
  struct Candidate {
    std::string name;
    const Setting* setting;
  };
  std::string Agreed(const std::vector<Candidate>& candidates);

  const CloudLayers& layers_;
  absl::Status status_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_SETTING_READER_H_
