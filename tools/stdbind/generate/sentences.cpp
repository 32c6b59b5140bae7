// Some languages check their documentation: that every item has some, and how a sentence starts and ends.
#include "sentences.hpp"

#include <cctype>

namespace stdbind::generate {
namespace {

using Json = nlohmann::ordered_json;

std::string escaped(const std::string& text, const Escapes& escapes) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::pair<std::string, std::string>* match = nullptr;
    for (const auto& pair : escapes) {
      if (!pair.first.empty() && text.compare(at, pair.first.size(), pair.first) == 0) {
        match = &pair;
        break;
      }
    }
    result += match != nullptr ? match->second : text.substr(at, 1);
    at += match != nullptr ? match->first.size() : 1;
  }
  return result;
}

}  // namespace

std::string replaced(std::string pattern, const std::string& mark, const std::string& value) {
  for (std::size_t at = pattern.find(mark); at != std::string::npos; at = pattern.find(mark, at + value.size())) {
    pattern.replace(at, mark.size(), value);
  }
  return pattern;
}

std::string Sentences::literal(const std::string& text) const {
  return pack_.text_quote + escaped(text, pack_.text_escapes) + pack_.text_quote;
}

std::string Sentences::sentence(const std::string& text, bool capital) const {
  std::string result = text;
  if (result.empty()) return result;
  if (capital && !pack_.documentation.at("capitalize").empty()) {
    result[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(result[0])));
  }
  const std::string& ends = pack_.documentation.at("end");
  if (!ends.empty() && ends.find(result.back()) == std::string::npos) {
    while (!result.empty() && std::string_view(":;,").find(result.back()) != std::string::npos) result.pop_back();
    result += ends[0];
  }
  return escaped(result, pack_.documentation_escapes);
}

Json Sentences::start(const Documentation& documentation, const std::string& otherwise) const {
  Json json = {{"summary", sentence(documentation.summary.empty() ? otherwise : documentation.summary)}};
  json["has_text"] = !documentation.summary.empty();
  json["body"] = Json::array();
  for (const auto& paragraph : documentation.body) {
    for (std::size_t i = 0; i < paragraph.size(); ++i) {
      json["body"].push_back({{"text", escaped(paragraph[i], pack_.documentation_escapes)},
                              {"starts", i == 0},
                              {"first_line", json["body"].empty()}});
    }
  }
  std::string see;
  for (const auto& text : documentation.see) see += (see.empty() ? "" : "; ") + text;
  json["see"] = sentence(see, false);
  json["has_see"] = !see.empty();
  json["raises"] = Json::array();
  for (const auto& text : documentation.raises) json["raises"].push_back({{"text", sentence(text)}});
  json["has_body"] = !json["body"].empty();
  json["has_raises"] = !json["raises"].empty();
  return json;
}

Json Sentences::of_function(const Function& function, const Json& view) const {
  const Documentation& documentation = function.documentation;
  Json json = start(documentation, replaced(pack_.documentation.at("function"), "{c}", function.name));
  json["parameters"] = Json::array();
  json["easy_parameters"] = Json::array();
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const std::string* text = documentation.parameter(function.parameters[i].name);
    std::string otherwise = replaced(pack_.documentation.at("parameter"), "{c}", function.parameters[i].name);
    otherwise = replaced(otherwise, "{type}", function.parameters[i].type.declare(""));
    const Json entry = {{"name", view["parameters"][i]["name"]},
                        {"text", sentence(text != nullptr && !text->empty() ? *text : otherwise)}};
    json["parameters"].push_back(entry);
    if (!view["parameters"][i]["is_length"].get<bool>()) json["easy_parameters"].push_back(entry);
  }
  json["has_parameters"] = !json["parameters"].empty();
  json["has_easy_parameters"] = !json["easy_parameters"].empty();
  std::string otherwise = replaced(pack_.documentation.at("result"), "{c}", function.name);
  otherwise = replaced(otherwise, "{type}", function.result.declare(""));
  std::string returns = sentence(documentation.returns.empty() ? otherwise : documentation.returns);
  if (pack_.documentation.at("end").empty() && returns.ends_with('.')) returns.pop_back();  // the template ends it
  json["returns"] = returns;
  return json;
}

Json Sentences::of_item(const Item& item, const std::string& kind) const {
  return start(item.documentation, replaced(pack_.documentation.at(kind), "{c}", item.name));
}

Json Sentences::of_field(const Structure& structure, const Field& field) const {
  std::string otherwise = replaced(pack_.documentation.at("field"), "{c}", field.name);
  otherwise = replaced(otherwise, "{structure}", structure.name);
  return start(field.documentation, otherwise);
}

}  // namespace stdbind::generate
