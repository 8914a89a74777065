// SPDX-License-Identifier: Apache-2.0
// The library around a Verilated top: a run of the bench, and the spec that the model was made from. Built
// and called by verification/rtl/model.py.
#include <cstring>
#include <filesystem>

#include "bench.hpp"

namespace {

// The .mem files are found in the working folder when a model is made and first evaluated.
class InFolder {
 public:
  explicit InFolder(const char* folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~InFolder() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
  }

 private:
  std::filesystem::path before_;
};

}  // namespace

extern "C" {

// The digests of spec and graph in the package that the model was made from, 64 characters each, and a zero.
void bitfold_digests(const char* folder, char* text) {
  const InFolder in(folder);
  bitfold_run run{};
  run.watch = -1;
  std::strcpy(text, Bench<Top>(run).digests().c_str());
}

int bitfold_run_blocks(const char* folder, const bitfold_run* run) {
  const InFolder in(folder);
  return Bench<Top>(*run).run();
}

}  // extern "C"
