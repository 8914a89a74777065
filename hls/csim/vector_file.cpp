// SPDX-License-Identifier: Apache-2.0
// The reader of golden vector files, without a detector's types: compiled once for all benches.
// Golden model: fixedpoint/vectors/files.py.
#include "vector_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace bench {

void fail(const std::string& what) { throw std::runtime_error(what); }

std::string brief(const std::string& word) {
  constexpr std::size_t shown = 40;
  std::string text;
  for (const char c : word.substr(0, shown)) {
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  return "'" + text + (word.size() > shown ? "...'" : "'");
}

namespace {

// The whole of `word` as a decimal integer, written as std::to_string writes it.
std::int64_t integer(std::string_view word, const std::string& where) {
  std::int64_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [used, error] = std::from_chars(word.data(), end, value);
  const bool is_signed = !word.empty() && word[0] == '-';
  const bool zero_first = word.size() > is_signed && word[is_signed] == '0';
  if (error != std::errc() || used != end || (zero_first && word.size() > 1)) {
    fail(where + ": " + brief(std::string(word)) + " is not an integer of 64 bits");
  }
  return value;
}

// The words of a line, one blank between two of them: two blanks have an empty word between them.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

// Lines of a regular file, one after another; the end of the file is a fault, and so is a line of
// more characters than were asked for.
class Lines {
 public:
  static constexpr std::size_t longest_header = 4096;
  static constexpr std::int64_t largest_file = std::int64_t{128} << 20;

  explicit Lines(const std::string& path) {
    struct stat found;
    if (stat(path.c_str(), &found) == 0) {
      if (!S_ISREG(found.st_mode)) {
        fail("not a regular file");
      }
      if (found.st_size > largest_file) {
        fail("of " + std::to_string(found.st_size) + " bytes, at most " +
             std::to_string(largest_file) + " were expected");
      }
    }
    file_.open(path);
    if (!file_) {
      fail("cannot be read");
    }
  }

  // The next line; it stays until the one after it is asked for.
  const std::string& next(std::size_t longest = longest_header) {
    if (!std::getline(file_, line_) || file_.eof()) {
      fail("short file: no 'end' line");
    }
    if (line_.size() > longest) {
      fail("a line of more than " + std::to_string(longest) + " characters");
    }
    return line_;
  }

  bool at_end() { return file_.peek() == std::ifstream::traits_type::eof(); }

 private:
  std::ifstream file_;
  std::string line_;
};

// The value of a header line `key value`.
std::string header(Lines& lines, const std::string& key) {
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

Range range_of(const std::string& format) {
  const auto dot = format.find('.');
  if (dot == std::string::npos || (format[0] != 's' && format[0] != 'u')) {
    fail(brief(format) + " is no format");
  }
  const bool is_signed = format[0] == 's';
  const std::int64_t bits = integer(format.substr(1, dot - 1), "format " + brief(format));
  if (bits < 1 || bits > 63) {
    fail("format " + brief(format) + " has no 1 to 63 bits");
  }
  const int magnitude = static_cast<int>(is_signed ? bits - 1 : bits);
  const auto high = static_cast<std::int64_t>((std::uint64_t{1} << magnitude) - 1);
  return {is_signed ? -high : 0, high};
}

// One wire behind its header line, one row of the last dimension a line.
Wire read_wire(Lines& lines, const std::vector<std::string>& head) {
  constexpr std::size_t longest_integer = 21;  // with its sign and the blank behind it
  constexpr std::size_t largest_size = Lines::largest_file / 2;  // a digit and a blank each
  constexpr std::size_t widest_row = std::size_t{1} << 20;
  const std::string where = "wire " + brief(head[1]);
  Wire wire;
  wire.format = head[2];
  std::size_t total = 1;
  for (std::size_t d = 3; d < head.size(); ++d) {
    const std::int64_t size = integer(head[d], where);
    wire.shape.push_back(static_cast<std::size_t>(size));
    if (size < 1 || wire.shape.back() > largest_size / total) {
      fail(where + " has no usable shape");
    }
    total *= wire.shape.back();
  }
  if (wire.shape.back() > widest_row) {
    fail(where + " has no usable shape");
  }
  const std::size_t rows = total / wire.shape.back();
  const Range range = range_of(wire.format);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t longest = wire.shape.back() * longest_integer;
    std::string_view line = lines.next(std::max(longest, Lines::longest_header));
    const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), ' ')) + 1;
    if (count != wire.shape.back()) {
      fail(where + ": a row of " + std::to_string(count) + " integers, " +
           std::to_string(wire.shape.back()) + " expected");
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view word = line.substr(0, line.find(' '));
      const std::int64_t value = integer(word, where);
      if (value < range.low || value > range.high) {
        fail(where + " holds " + std::string(word) + ", outside " + brief(wire.format));
      }
      wire.values.push_back(value);
      line.remove_prefix(std::min(word.size() + 1, line.size()));
    }
  }
  return wire;
}

}  // namespace

VectorFile read_vectors(const std::string& path, const std::string& digest) {
  Lines lines(path);
  if (lines.at_end() || lines.next() != "bitfold-vectors 1") {
    fail("the first line is not 'bitfold-vectors 1'");
  }
  VectorFile file;
  if (const auto stored = header(lines, "spec"); stored != digest) {
    fail("made from spec " + brief(stored) + ", " + digest + " was expected");
  }
  file.layer = header(lines, "layer");
  if (integer(header(lines, "seed"), "seed") < 0) {
    fail("the seed is negative");
  }
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
      fail(brief(line) + " is not a wire's header");
    }
    if (!file.wires.emplace(head[1], read_wire(lines, head)).second) {
      fail("wire " + brief(head[1]) + " appears twice");
    }
  }
  if (!lines.at_end()) {
    fail("text after the 'end' line");
  }
  return file;
}

void require_no_other(const VectorFile& file, const std::set<std::string>& known) {
  for (const auto& [name, wire] : file.wires) {
    if (known.count(name) == 0) {
      fail("wire " + brief(name) + " is unknown in a file of " + brief(file.layer));
    }
  }
}

const Wire& require(const VectorFile& file, const std::string& name, const std::string& format,
                    const std::vector<std::size_t>& shape) {
  const auto found = file.wires.find(name);
  if (found == file.wires.end()) {
    fail("wire " + name + " is missing");
  }
  if (found->second.format != format) {
    fail("wire " + name + " has the format " + brief(found->second.format) + ", " + format +
         " expected");
  }
  if (found->second.shape != shape) {
    fail("wire " + name + " has another shape than the spec's");
  }
  return found->second;
}

}  // namespace bench
