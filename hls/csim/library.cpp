// SPDX-License-Identifier: Apache-2.0
// A program with native integers as a shared library, called by hls/builds/native.py through ctypes.
// Golden model: fixedpoint/receivers/family.py, run.
//
// Built with hidden symbols: the loader would share Spec's tables among the libraries of a process.
#include "bitfold_program.hpp"
#include "recorder.hpp"

using bitfold::Detector;

#pragma GCC visibility push(default)
extern "C" {

const char* bitfold_digest() { return Detector::Spec::digest; }

const char* bitfold_graph() { return Detector::Spec::graph; }

void bitfold_run(const host::Entry<Detector>* h, const host::Sample<Detector>* y,
                 const host::Index<Detector>* index, std::size_t blocks, std::size_t vectors,
                 void* const* outputs) {
  host::run<Detector>(h, y, index, blocks, vectors, outputs);
}

void bitfold_wires(const host::Entry<Detector>* h, const host::Sample<Detector>* y,
                   const host::Index<Detector>* index, std::size_t blocks, std::size_t vectors,
                   std::int64_t* const* wires) {
  host::record<Detector>(h, y, index, blocks, vectors, wires);
}

}  // extern "C"
#pragma GCC visibility pop
