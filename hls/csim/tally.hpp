// SPDX-License-Identifier: Apache-2.0
// What a comparison counted: integers compared and differing on each wire, the first difference.
// Golden model: fixedpoint/vectors/compare.py, which reads the printed lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <list>
#include <string>

namespace bench {

// One wire's counts; `vector` counts over all blocks, `element` within the wire of one vector.
struct Count {
  std::string wire;
  std::size_t compared = 0;
  std::size_t differing = 0;
  std::size_t vector = 0;
  std::size_t element = 0;
  std::int64_t expected = 0;
  std::int64_t found = 0;

  void check(std::size_t at_vector, std::size_t at_element, std::int64_t golden,
             std::int64_t ours) {
    ++compared;
    if (golden != ours && differing++ == 0) {
      vector = at_vector;
      element = at_element;
      expected = golden;
      found = ours;
    }
  }
};

class Tally {
 public:
  // The counts of a wire; the reference stays valid.
  Count& wire(const std::string& name) {
    counts_.push_back(Count{});
    counts_.back().wire = name;
    return counts_.back();
  }

  // True if every wire was compared and no integer differs.
  bool equal() const {
    bool same = !counts_.empty();
    for (const auto& count : counts_) {
      same = same && count.compared > 0 && count.differing == 0;
    }
    return same;
  }

  // `compared WIRE COUNT DIFFERING`, and `first WIRE VECTOR ELEMENT EXPECTED FOUND` if any does.
  void print(std::ostream& out) const {
    for (const auto& c : counts_) {
      out << "compared " << c.wire << ' ' << c.compared << ' ' << c.differing << '\n';
      if (c.differing > 0) {
        out << "first " << c.wire << ' ' << c.vector << ' ' << c.element << ' ' << c.expected << ' '
            << c.found << '\n';
      }
    }
    out << "verdict " << (equal() ? "equal" : "different") << '\n';
  }

 private:
  std::list<Count> counts_;
};

}  // namespace bench
