// SPDX-License-Identifier: Apache-2.0
// Golden vector files: raw integers under a header that names what they are.
// Golden model: fixedpoint/vectors/files.py, which says what a line holds. Every fault throws, and what a
// file claims is believed only as far as it is there: memory grows with the lines that were read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bench {

// One wire: its format ("s8.7"), its shape, and its integers in row-major order.
struct Wire {
  std::string format;
  std::vector<std::size_t> shape;
  std::vector<std::int64_t> values;
};

struct VectorFile {
  std::string layer;
  std::size_t blocks = 0;
  std::size_t vectors = 0;
  std::map<std::string, Wire> wires;
};

[[noreturn]] void fail(const std::string& what);

// How a message names a word of the file: its start, without control characters.
std::string brief(const std::string& word);

// The file, made from the spec of that digest and nothing else.
VectorFile read_vectors(const std::string& path, const std::string& digest);

// Every wire of a file serves a comparison: one that was never asked for is a fault, since a file
// cut down to fewer layers by its header would compare less and still be equal.
void require_no_other(const VectorFile& file, const std::set<std::string>& known);

// A wire that must be there in that format and shape.
const Wire& require(const VectorFile& file, const std::string& name, const std::string& format,
                    const std::vector<std::size_t>& shape);

}  // namespace bench
