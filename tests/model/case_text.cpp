// A run of the model as a case file.
#include <array>
#include <string_view>

#include "model.hpp"

namespace stdbind::model {

namespace {

std::string field(std::string_view key, std::int64_t number) {
  return " " + std::string(key) + "=" + std::to_string(number);
}

std::string field(std::string_view key, const std::string& text) { return " " + std::string(key) + "=" + text; }

Origins written(const Operation& operation) {
  Origins origins;
  for (std::int64_t i = 0; i < operation.size; ++i) origins.push_back(operation.origin + i);
  return origins;
}

std::string mode_text(std::int64_t mode) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> names{{{1, "read"}, {2, "write"}, {8, "cow"}}};
  std::string text;
  for (const auto& [bit, name] : names) {
    if ((mode & bit) != 0) text += (text.empty() ? "" : "+") + std::string(name);
  }
  return text;
}

// Operation and arguments, without the object.
std::pair<std::string, std::string> asked(const Operation& operation) {
  const std::string offset = field("offset", operation.offset);
  const std::string length = field("length", operation.size);
  switch (operation.act) {
    case Act::map:
      return {"map", field("path", file_name(operation.file)) + field("mode", mode_text(operation.mode)) + offset +
                         length + (operation.grow ? " options=1" : "")};
    case Act::anonymous:
      return {"anon", length + field("mode", mode_text(operation.mode))};
    case Act::close:
      return {"close", ""};
    case Act::is_closed:
      return {"is_closed", ""};
    case Act::length:
      return {"len", ""};
    case Act::read:
      return {"read", field("size", operation.size)};
    case Act::write:
      return {"write", field("data", spell(written(operation)))};
    case Act::read_at:
      return {"read_at", offset + field("size", operation.size)};
    case Act::write_at:
      return {"write_at", offset + field("data", spell(written(operation)))};
    case Act::seek: {
      constexpr std::array<const char*, 3> names{"set", "cur", "end"};
      return {"seek", offset + field("whence", names.at(static_cast<std::size_t>(operation.whence)))};
    }
    case Act::tell:
      return {"tell", ""};
    case Act::view:
      return {"view", offset + length};
    case Act::unview:
      return {"unview", ""};
    case Act::probe:
      return {"probe", offset + length};
    case Act::flush:
      return {"flush", offset + length};
    case Act::resize:
      return {"resize", length};
    default:
      return {};
  }
}

std::string line_of(const Operation& operation, const Expected& expected, bool held) {
  const auto name = file_name(operation.file);
  switch (operation.act) {
    case Act::truncate:
      return "outside truncate " + name + " " + std::to_string(operation.size);
    case Act::plain_write:
      return "outside write " + name + " " + std::to_string(operation.offset) + " " + spell(written(operation));
    case Act::look:
      if (expected.data->empty()) return "disk " + name + " size=0";
      return "disk " + name + " " + spell(*expected.data);
    default:
      break;
  }
  const bool opens = operation.act == Act::map || operation.act == Act::anonymous;
  const std::string object = held || opens ? std::string(1, static_cast<char>('k' + operation.object)) : "unknown";
  const auto [verb, arguments] = asked(operation);
  if (expected.status == Expected::Status::error)
    return "fail " + verb + " " + object + arguments + " kind=" + expected.kind;
  std::string answer;
  if (!expected.field.empty()) answer += field(expected.field, expected.number);
  if (expected.data) answer += field("data", spell(*expected.data));
  return "do " + verb + " " + object + arguments + (answer.empty() ? "" : " ->" + answer);
}

}  // namespace

std::string case_text(const std::vector<Operation>& operations, const std::string& name, std::int64_t page) {
  const auto sizes = first_sizes(page);
  Model model(sizes, page);
  std::string text = "case " + name + "\n";
  for (int number = 0; number < file_count; ++number)
    text += "  file " + file_name(number) + " " + spell(model.file(number)) + "\n";
  std::array<bool, object_count> named{};  // a name stands for an object from its first opening on
  for (const Operation& operation : operations) {
    const auto expected = model.perform(operation);
    if (expected.status == Expected::Status::skipped) continue;
    auto& is_named = named.at(static_cast<std::size_t>(operation.object));
    text += "  " + line_of(operation, expected, is_named) + "\n";
    if (operation.act == Act::map || operation.act == Act::anonymous) is_named = true;
  }
  text += "  do page_size\n";  // a case has to ask something
  for (int number = 0; number < file_count; ++number) {
    const Operation look{.act = Act::look, .file = number};
    text += "  " + line_of(look, model.perform(look), true) + "\n";
  }
  return text;
}

}  // namespace stdbind::model
