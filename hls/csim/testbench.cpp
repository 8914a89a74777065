// SPDX-License-Identifier: Apache-2.0
// csim: the templates against a golden vector file, every integer of every wire of every layer, and
// the top functions through their streams. Golden model: fixedpoint/receivers/family.py, run.
//
//     testbench FILE [GRAPH]        exit status 0: equal, 1: different, 2: a file that cannot be used
//
// GRAPH: the digest of the graph that the bench has to have been built from.
#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include "inputs.hpp"
#include "layers.hpp"
#include "streams.hpp"
#include "tally.hpp"
#include "vector_file.hpp"

namespace {

int compare_file(const std::string& path) {
  const bench::VectorFile file = bench::read_vectors(path, bitfold::Spec::digest);
  const bench::Inputs inputs(file);
  const std::optional<int> count = host::count_of<bitfold::Detector>(file.layer);
  if (!count) {
    bench::fail("layer " + bench::brief(file.layer) + " is unknown");
  }
  bench::Tally tally;
  bench::compare_layers(file, inputs, *count, tally);
  if (*count == host::all_layers<bitfold::Detector>) {
    bench::compare_tops(file, inputs, tally);
  }
  tally.print(std::cout);
  return tally.equal() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && count != 3) {
    std::cerr << "error: one golden vector file was expected; there is no default\n";
    return 2;
  }
  if (count == 3 && std::string(arguments[2]) != bitfold::Spec::graph) {
    std::cerr << "error: the test bench is stale: built from graph " << bitfold::Spec::graph << ", "
              << arguments[2] << " expected\n";
    return 2;
  }
  try {
    return compare_file(arguments[1]);
  } catch (const std::exception& error) {
    std::cerr << "error: golden vectors " << arguments[1] << ": " << error.what() << '\n';
    return 2;
  }
}
