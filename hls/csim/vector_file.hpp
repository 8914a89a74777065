// Golden vector files: raw integers under a header that names what they are.
// Golden model: fixedpoint/vectors.py, which says what a line holds. Every fault throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
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

[[noreturn]] inline void fail(const std::string& what) { throw std::runtime_error(what); }

// The whole of `word` as a decimal integer.
inline std::int64_t integer(const std::string& word, const std::string& where) {
  std::size_t used = 0;
  std::int64_t value = 0;
  try {
    value = std::stoll(word, &used);
  } catch (const std::logic_error&) {
    fail(where + ": '" + word + "' is not an integer");
  }
  if (used != word.size()) {
    fail(where + ": '" + word + "' is not an integer");
  }
  return value;
}

inline std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

// Lines of a text file, one after another; the end of the file is a fault.
class Lines {
 public:
  explicit Lines(const std::string& path) : file_(path) {
    if (!file_) {
      fail("cannot be read");
    }
  }

  std::string next() {
    std::string line;
    if (!std::getline(file_, line)) {
      fail("short file: no 'end' line");
    }
    return line;
  }

  bool at_end() { return file_.peek() == std::ifstream::traits_type::eof(); }

 private:
  std::ifstream file_;
};

// The value of a header line `key value`.
inline std::string header(Lines& lines, const std::string& key) {
  const auto words = words_of(lines.next());
  if (words.size() != 2 || words[0] != key) {
    fail("the header has no line '" + key + " ...' where it was expected");
  }
  return words[1];
}

// The largest and smallest integer of a format: symmetric if signed.
struct Range {
  std::int64_t low;
  std::int64_t high;
};

inline Range range_of(const std::string& format) {
  const auto dot = format.find('.');
  if (dot == std::string::npos || (format[0] != 's' && format[0] != 'u')) {
    fail("'" + format + "' is no format");
  }
  const bool is_signed = format[0] == 's';
  const std::int64_t bits = integer(format.substr(1, dot - 1), "format " + format);
  if (bits < 1 || bits > 63) {
    fail("format " + format + " has no 1 to 63 bits");
  }
  const int magnitude = static_cast<int>(is_signed ? bits - 1 : bits);
  const auto high = static_cast<std::int64_t>((std::uint64_t{1} << magnitude) - 1);
  return {is_signed ? -high : 0, high};
}

// One wire behind its header line, one row of the last dimension a line.
inline Wire read_wire(Lines& lines, const std::vector<std::string>& head) {
  const std::string where = "wire " + head[1];
  Wire wire;
  wire.format = head[2];
  std::size_t rows = 1;
  for (std::size_t d = 3; d < head.size(); ++d) {
    const std::int64_t size = integer(head[d], where);
    if (size < 1 || size > (1 << 28) || rows > (std::size_t{1} << 30)) {
      fail(where + " has no usable shape");
    }
    wire.shape.push_back(static_cast<std::size_t>(size));
    rows *= d + 1 < head.size() ? static_cast<std::size_t>(size) : 1;
  }
  const Range range = range_of(wire.format);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto words = words_of(lines.next());
    if (words.size() != wire.shape.back()) {
      fail(where + ": a row of " + std::to_string(words.size()) + " integers, " +
           std::to_string(wire.shape.back()) + " expected");
    }
    for (const auto& word : words) {
      const std::int64_t value = integer(word, where);
      if (value < range.low || value > range.high) {
        fail(where + " holds " + word + ", outside " + wire.format);
      }
      wire.values.push_back(value);
    }
  }
  return wire;
}

// The file, made from the spec of that digest and nothing else.
inline VectorFile read_vectors(const std::string& path, const std::string& digest) {
  Lines lines(path);
  if (lines.at_end() || lines.next() != "bitfold-vectors 1") {
    fail("the first line is not 'bitfold-vectors 1'");
  }
  VectorFile file;
  if (const auto stored = header(lines, "spec"); stored != digest) {
    fail("made from spec " + stored + ", " + digest + " was expected");
  }
  file.layer = header(lines, "layer");
  integer(header(lines, "seed"), "seed");
  const std::int64_t blocks = integer(header(lines, "blocks"), "blocks");
  const std::int64_t vectors = integer(header(lines, "vectors"), "vectors");
  if (blocks < 1 || vectors < 1) {
    fail("no vectors");
  }
  file.blocks = static_cast<std::size_t>(blocks);
  file.vectors = static_cast<std::size_t>(vectors);
  for (std::string line = lines.next(); line != "end"; line = lines.next()) {
    const auto head = words_of(line);
    if (head.size() < 4 || head[0] != "wire") {
      fail("'" + line.substr(0, 40) + "' is not a wire's header");
    }
    if (!file.wires.emplace(head[1], read_wire(lines, head)).second) {
      fail("wire " + head[1] + " appears twice");
    }
  }
  if (!lines.at_end()) {
    fail("text after the 'end' line");
  }
  return file;
}

// A wire that must be there in that format and shape.
inline const Wire& require(const VectorFile& file, const std::string& name,
                           const std::string& format, const std::vector<std::size_t>& shape) {
  const auto found = file.wires.find(name);
  if (found == file.wires.end()) {
    fail("wire " + name + " is missing");
  }
  if (found->second.format != format) {
    fail("wire " + name + " has the format " + found->second.format + ", " + format + " expected");
  }
  if (found->second.shape != shape) {
    fail("wire " + name + " has another shape than the spec's");
  }
  return found->second;
}

}  // namespace bench
