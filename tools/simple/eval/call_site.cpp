// Arguments to parameters.
#include "call_site.hpp"

#include <algorithm>

namespace stdbind::simple {

CallSite::Plan CallSite::make_plan(const FunctionCode& code) const {
  Plan plan;
  plan.code = &code;
  const std::vector<ParameterCode>& parameters = code.parameters;
  std::vector<bool> taken(parameters.size(), false);
  std::size_t next = 0;
  const auto complain = [&](std::string text) {
    if (plan.problem.empty()) plan.problem = code.display_name() + " " + std::move(text);
  };
  for (const Written& argument : arguments) {
    std::size_t at = parameters.size();
    if (argument.name) {
      at = static_cast<std::size_t>(std::ranges::find(parameters, argument.name, &ParameterCode::name) -
                                    parameters.begin());
      if (at == parameters.size()) complain("has no parameter " + std::string(spelling(argument.name)));
    } else {
      while (next < parameters.size() && taken[next] && !parameters[next].variadic) ++next;
      at = next;
      if (at == parameters.size()) {
        complain("takes " + std::to_string(parameters.size()) + " arguments, not " + std::to_string(arguments.size()));
      }
    }
    if (at == parameters.size()) break;
    if (taken[at] && !parameters[at].variadic) {
      complain("gets the argument " + std::string(spelling(parameters[at].name)) + " twice");
    }
    if (argument.spread && !parameters[at].variadic) complain("takes a spread only for a variadic parameter");
    taken[at] = true;
    plan.parameter.push_back(at);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (taken[i] || parameters[i].variadic) continue;
    if (parameters[i].default_value != nullptr ||
        (!code.ready && code.declaration != nullptr && code.declaration->parameters[i].default_value != nullptr)) {
      plan.defaults.push_back(i);
    } else {
      complain("needs the argument " + std::string(spelling(parameters[i].name)));
    }
  }
  return plan;
}

std::string CallSite::problem(const FunctionCode& code) const { return make_plan(code).problem; }

const CallSite::Plan& CallSite::plan_for(const FunctionCode& code) const {
  for (const auto& plan : plans_) {
    if (plan->code == &code) return *plan;
  }
  plans_.push_back(std::make_unique<Plan>(make_plan(code)));
  return *plans_.back();
}

void CallSite::fill(Frame& frame, Location location, const FunctionCode& code, Value* slots) const {
  const Plan& plan = plan_for(code);
  if (!plan.problem.empty()) frame.machine->fail(frame, location, plan.problem);
  Value* parameters = slots + code.first_parameter();
  if (!code.parameters.empty() && code.parameters.back().variadic) {
    parameters[code.parameters.size() - 1] = Value::array({});
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t at = plan.parameter[i];
    if (!code.parameters[at].variadic) {
      parameters[at] = arguments[i].value->eval(frame);
      continue;
    }
    Value value = arguments[i].value->eval(frame);
    std::vector<Value>& rest = parameters[at].own_items();
    if (!arguments[i].spread) {
      rest.push_back(std::move(value));
    } else if (value.is_array()) {
      rest.insert(rest.end(), value.items().begin(), value.items().end());
    } else {
      frame.machine->fail(frame, location, "only an array can be spread, not " + type_name(value));
    }
  }
  if (plan.defaults.empty()) return;
  Frame callee{slots, &code, frame.machine, nullptr, frame.serial, Symbol{}, nullptr};
  for (const std::size_t at : plan.defaults) parameters[at] = code.parameters[at].default_value->eval(callee);
}

Arguments CallSite::evaluate(Frame& frame, Location location) const {
  Arguments values;
  values.reserve(arguments.size());
  for (const Written& argument : arguments) {
    if (argument.name) {
      frame.machine->fail(frame, location,
                          "this call takes arguments by position only, not " + std::string(spelling(argument.name)));
    }
    Value value = argument.value->eval(frame);
    if (!argument.spread) {
      values.push_back(std::move(value));
    } else if (value.is_array()) {
      values.insert(values.end(), value.items().begin(), value.items().end());
    } else {
      frame.machine->fail(frame, location, "only an array can be spread, not " + type_name(value));
    }
  }
  return values;
}

}  // namespace stdbind::simple
