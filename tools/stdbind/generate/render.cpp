// Mustache with escaping switched off: what the pack's templates say is what is written.
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <string_view>

#include "failure.hpp"
#include "view.hpp"

namespace stdbind::generate {
namespace {

using kainjow::mustache::data;
using Json = nlohmann::ordered_json;

data data_of(const Json& json) {
  if (json.is_object()) {
    data object{data::type::object};
    for (const auto& [key, value] : json.items()) object.set(key, data_of(value));
    return object;
  }
  if (json.is_array()) {
    data list{data::type::list};
    for (const auto& value : json) list.push_back(data_of(value));
    return list;
  }
  if (json.is_boolean()) return data{json.get<bool>()};
  if (json.is_string()) return data{json.get<std::string>()};
  return data{json.dump()};
}

// A line that holds nothing but a section's tag leaves no line behind. The library does so only for sections that are
// shown, and takes other empty lines with a tag as well; so the newline of such a line is taken away here, and a mark
// that goes at the end makes every line look filled.
constexpr char mark = '\1';

std::string without_tag_lines(const std::string& content) {
  std::string result;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size() - 1) + 1;
    const std::string line = content.substr(begin, end - begin);
    const std::size_t first = line.find_first_not_of(" \t");
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    begin = end;
    const bool tag = first != std::string::npos && last >= first + 4 && line.compare(first, 2, "{{") == 0 &&
                     std::string_view("#^/!").find(line[first + 2]) != std::string_view::npos &&
                     line.find("}}", first) == last - 1;
    result += tag ? line.substr(first, last - first + 1) + mark : line;
  }
  return result;
}

}  // namespace

std::string render(const std::string& content, const Json& model, const std::string& file) {
  kainjow::mustache::mustache mustache(without_tag_lines(content));
  mustache.set_custom_escape([](const std::string& text) { return text; });
  if (!mustache.is_valid()) usage_failure(file + ": this template is not Mustache: " + mustache.error_message());
  std::string text = mustache.render(data_of(model));
  std::erase(text, mark);
  return text;
}

}  // namespace stdbind::generate
