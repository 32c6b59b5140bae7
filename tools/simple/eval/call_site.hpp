// The written arguments of one call, and how a function takes them: by position, by name, by default.
#pragma once

#include "nodes.hpp"

namespace stdbind::simple {

class CallSite {
 public:
  struct Written {
    NodePtr value;
    Symbol name;
    bool spread = false;
  };
  std::vector<Written> arguments;

  /// Empty, or why `code` cannot take the arguments.
  std::string problem(const FunctionCode& code) const;
  /// Evaluates the arguments into the slots of a call of `code`.
  void fill(Frame& frame, Location location, const FunctionCode& code, Value* slots) const;
  /// Evaluates them in order, for a function of the host or a function value.
  Arguments evaluate(Frame& frame, Location location) const;

 private:
  struct Plan {
    const FunctionCode* code = nullptr;
    std::vector<std::size_t> parameter;  ///< for each argument; the variadic one repeats
    std::vector<std::size_t> defaults;   ///< parameters without an argument
    std::string problem;
  };
  Plan make_plan(const FunctionCode& code) const;
  const Plan& plan_for(const FunctionCode& code) const;
  mutable std::vector<std::unique_ptr<Plan>> plans_;  // one for each function called here, mostly one
};

}  // namespace stdbind::simple
