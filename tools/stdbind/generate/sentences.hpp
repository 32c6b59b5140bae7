// Words for the target: documentation as whole sentences, and text literals, escaped as the pack says.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "ir.hpp"
#include "pack.hpp"

namespace stdbind::generate {

// `pattern` with every `mark` replaced by `value`.
std::string replaced(std::string pattern, const std::string& mark, const std::string& value);

class Sentences {
 public:
  explicit Sentences(const Pack& pack) : pack_(pack) {}

  // {summary, body: [{text, is_break}], has_body, parameters: [{name, text}], …}; docs/view-model.md lists all.
  nlohmann::ordered_json of_function(const Function& function, const nlohmann::ordered_json& view) const;
  nlohmann::ordered_json of_item(const Item& item, const std::string& kind) const;
  nlohmann::ordered_json of_field(const Structure& structure, const Field& field) const;

  std::string literal(const std::string& text) const;

 private:
  std::string sentence(const std::string& text, bool capital = true) const;
  nlohmann::ordered_json start(const Documentation& documentation, const std::string& otherwise) const;

  const Pack& pack_;
};

}  // namespace stdbind::generate
