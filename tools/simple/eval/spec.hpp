// The state of a run of examples: what passed, what failed, the hooks of the groups around.
#pragma once

#include <string>
#include <vector>

#include "nodes.hpp"

namespace stdbind::simple {

class SpecRun {
 public:
  explicit SpecRun(bool colour) : colour_(colour) { groups_.emplace_back(); }

  int passed = 0;
  int failed = 0;
  int skipped = 0;

  /// Runs the body of describe or context in a copy of its surroundings.
  void group(Frame& frame, const std::string& name, const Node& body);
  void example(Frame& frame, Location location, const std::string& name, const Node& body);
  void skip(const std::string& name);
  /// before_each, after_each, after_all; before_all runs at once.
  void hook(Frame& frame, std::string_view word, const Node& body);
  /// An expectation that does not hold. *errors*: fails outside of an example.
  void fail(Frame& frame, Location location, std::string message);
  /// Counts an expectation. *errors*: fails outside of an example.
  void expected(Frame& frame, Location location);

  /// A file that could not be run to its end.
  void broken_file() { ++failed; }
  std::string result_line() const;

 private:
  struct Group {
    std::vector<const Node*> before_each, after_each, after_all;
  };
  void line(const std::string& text, const char* colour) const;
  std::vector<Group> groups_;
  std::vector<std::string> failures_;
  bool in_example_ = false;
  bool colour_;
};

}  // namespace stdbind::simple
