// A file with the content that a test gives it, gone with the object. Not thread-safe.
#ifndef CCPLACE_TESTS_UNIT_CLIENT_TEMP_FILE_H_
#define CCPLACE_TESTS_UNIT_CLIENT_TEMP_FILE_H_

#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace ccplace::ctl {

class TempFile {
 public:
  explicit TempFile(const std::string& content) {
    char path[] = "/tmp/ccplace-ctl-test.XXXXXX";
    close(mkstemp(path));
    path_ = path;
    std::ofstream(path_) << content;
  }
  ~TempFile() { unlink(path_.c_str()); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_TESTS_UNIT_CLIENT_TEMP_FILE_H_
